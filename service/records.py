"""What the service keeps and answers besides the engine's own nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain import Gap, GapReport, Role
from engine.domain.records import Faults
from engine.recommender import Stuck, TeamGaps

__all__ = [
    "Erasure",
    "GrowthPoint",
    "LearnerProfile",
    "MasteryReport",
    "Member",
    "Merge",
    "ModelSummary",
    "Receipt",
    "Retention",
    "RoleVersion",
    "SkillMastery",
    "TeamAnswer",
    "TeamReport",
    "Void",
]


@dataclass(frozen=True, slots=True)
class LearnerProfile:
    """Who a learner is to the service; everything but the id may be empty.

    Parameters
    ----------
    learner_id : str
    name, team_id : str, optional
    role_id : str, optional
        The current role: what the learner is measured against when no role is named.
    next_role_id : str, optional
        The role that the learner works towards; where there is none, it is the next rung of the
        current role's ladder.
    next_role_weight : float, default 0
        The share of the next role in what is recommended where no role is named, 0 to 1; the
        current role has the rest.

    Examples
    --------
    >>> LearnerProfile("ada", role_id="analyst").label
    'ada'
    """

    learner_id: str
    name: str = ""
    team_id: str = ""
    role_id: str = ""
    next_role_id: str = ""
    next_role_weight: float = 0.0

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("learner_id", self.learner_id)
        faults.check_number("next_role_weight", self.next_role_weight, 0.0, 1.0)
        faults.raise_if_any("learner")

    @property
    def label(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.learner_id


@dataclass(frozen=True, slots=True)
class RoleVersion:
    """A role as it was published; another version is another one of these.

    Parameters
    ----------
    role : Role
    version : int
        From 1.
    catalog_version : int
        The catalogue that its targets were checked against; 0 of what is older than versions are.
    published_at : datetime or None
        None likewise.
    """

    role: Role
    version: int
    catalog_version: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch of evidence.

    Parameters
    ----------
    accepted : int
        Newly counted.
    repeated : int
        Known already, with the same content; counted once only.
    model_version : str
        The model that read it.
    """

    accepted: int
    repeated: int
    model_version: str


@dataclass(frozen=True, slots=True)
class Void:
    """Evidence to take back, and why.

    Parameters
    ----------
    void_id : str
        The sender's, by which a retry is known.
    kind : str
        ``"response"`` or ``"completion"``.
    evidence_id : str
        Its response_id or completion_id.
    reason : str

    Examples
    --------
    >>> Void("v1", "response", "r1", "the item was broken").kind
    'response'
    """

    void_id: str
    kind: str
    evidence_id: str
    reason: str

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("void_id", self.void_id)
        faults.check_id("evidence_id", self.evidence_id)
        if self.kind not in ("response", "completion"):
            problem = f"is {self.kind!r}, expected 'response' or 'completion'"
            faults.add("kind", problem, "a void itself cannot be taken back")
        if not self.reason.strip():
            faults.add("reason", "is empty", "say why, for whoever reads the record later")
        faults.raise_if_any("void")


@dataclass(frozen=True, slots=True)
class Erasure:
    """A learner who is no more: the id, and how much evidence went."""

    learner_id: str
    evidence: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How much was kept long enough: learners with their evidence, and decisions of others."""

    learners: int
    evidence: int
    decisions: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Two ids that are one learner now: who is kept, the alias, how much evidence came over."""

    learner_id: str
    merged_id: str
    evidence: int


@dataclass(frozen=True, slots=True)
class GrowthPoint:
    """Readiness for a role as it was believed right after the evidence of an instant.

    Parameters
    ----------
    at : datetime
    readiness, low, high : float
        The weighted mean of the attainments, and its central 80% interval.
    """

    at: datetime
    readiness: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SkillMastery:
    """What is believed of one skill of a learner.

    Parameters
    ----------
    skill_id, name : str
    level : int
        The highest level that is mastered; 0 where none is.
    p_at_least : mapping of int to float
        P(level attained ≥ each level of the skill).
    gap : Gap or None
        The distance from the role's target; None where the role does not want the skill.
    opportunities : int
        How many responses exercised the skill.
    last_answered_at : datetime or None
    """

    skill_id: str
    name: str
    level: int
    p_at_least: Mapping[int, float]
    gap: Gap | None
    opportunities: int
    last_answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class MasteryReport:
    """A learner's mastery skill by skill, and the readiness for a role that it amounts to.

    Parameters
    ----------
    report : GapReport
        Readiness, its interval, and the gap of every target.
    skills : tuple of SkillMastery
        The role's targets in their order, then every other skill that has evidence.
    """

    report: GapReport
    skills: tuple[SkillMastery, ...]


@dataclass(frozen=True, slots=True)
class TeamReport:
    """How a team stands against a role at an instant.

    Parameters
    ----------
    model_version, team_id : str
    at : datetime
    found : TeamGaps
    """

    model_version: str
    team_id: str
    at: datetime
    found: TeamGaps


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model that serves or could serve.

    Parameters
    ----------
    model_version : str
    active : bool
        Whether it is the one that answers.
    installed_at : datetime, optional
        Missing of the default model, which is always there.
    content : mapping, optional
        The model itself, as its ``to_json`` writes it; only where one model was asked for.
    report : mapping, optional
        What is to be said of its fit, likewise; None of a model that was never fitted.
    """

    model_version: str
    active: bool
    installed_at: datetime | None = None
    content: Mapping[str, Any] | None = None
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TeamSize:
    """A team, how many are in it, and the role that most of them have who have one.

    Parameters
    ----------
    team_id : str
    learners : int
    usual_role_id : str
        Empty where nobody has a role.
    """

    team_id: str
    learners: int
    usual_role_id: str = ""

    @classmethod
    def of(cls, team_id: str, roles: Mapping[str, int]) -> TeamSize:
        """Return it of how many have each role, the empty one being none.

        Examples
        --------
        >>> TeamSize.of("data", {"": 5, "analyst": 1, "engineer": 3})
        TeamSize(team_id='data', learners=9, usual_role_id='engineer')
        """
        had = {role_id: count for role_id, count in roles.items() if role_id}
        return cls(team_id, sum(roles.values()), max(had, key=had.__getitem__, default=""))


@dataclass(frozen=True, slots=True)
class Member:
    """A learner of a team who stands out against a role, and why.

    Parameters
    ----------
    profile : LearnerProfile
    report : GapReport
        Against the role asked about.
    stuck : tuple of Stuck
        The skills on which the learner spins their wheels.
    """

    profile: LearnerProfile
    report: GapReport
    stuck: tuple[Stuck, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """The members of a team who stand out against a role at an instant.

    Parameters
    ----------
    model_version, team_id, role_id : str
    at : datetime
    learners : int
        How many the team has.
    members : tuple of Member
    following : str or None
        The `after` of those that follow.
    """

    model_version: str
    team_id: str
    role_id: str
    at: datetime
    learners: int
    members: tuple[Member, ...]
    following: str | None = None
