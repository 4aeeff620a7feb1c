"""What is believed of one learner: an immutable value, passed in and given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from .overlay import Overlay

__all__ = ["KnowledgeState", "Lesson", "SkillKnowledge"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_READ_ONLY = frozenset({MappingProxyType, Overlay})


class SkillKnowledge(NamedTuple):
    """What is believed of one learner's level in one skill, and the evidence behind it.

    Parameters
    ----------
    levels : tuple of int
        The proficiency levels told apart, lowest first.
    p_at_least : tuple of float, shape (n_levels,)
        P(level attained ≥ each of `levels`), never rising from one to the next.
    opportunities : int
        How many responses have exercised the skill.
    successes : mapping of str to int
        The items answered with a score of at least 0.5, and their level.
    last_answered_at, last_failed_at : datetime or None
        When the skill was last exercised, and last answered with a score below 0.5.
    believed_at : datetime or None
        The instant of which `p_at_least` speaks, where beliefs fade with time.

    Examples
    --------
    >>> SkillKnowledge((1, 2), (0.9, 0.4)).opportunities
    0
    """

    levels: tuple[int, ...]
    p_at_least: tuple[float, ...]
    opportunities: int = 0
    successes: Mapping[str, int] = _NOTHING
    last_answered_at: datetime | None = None
    last_failed_at: datetime | None = None
    believed_at: datetime | None = None


class Lesson(NamedTuple):
    """What is remembered of a completed module, beside when it last was.

    Parameters
    ----------
    times : int
        How often it was completed.
    answered : int
        How many answers had exercised what it teaches when it last was: the opportunities of its
        skills, summed.
    """

    times: int
    answered: int


@dataclass(frozen=True, slots=True, init=False)
class KnowledgeState:
    """What is believed of one learner. Skills never touched are absent: the tracer's prior holds.

    Parameters
    ----------
    learner_id : str
    skills : mapping of str to SkillKnowledge
    completed : mapping of str to datetime or None
        The modules completed, and when last.
    latent : mapping of str to tuple of float or str
        A tracer's own values, under names of its own; empty where `skills` say it all.
    lessons : mapping of str to Lesson
        How often the modules were completed, and after how many answers last.

    Examples
    --------
    >>> state = KnowledgeState("ada", {"sql": SkillKnowledge((1,), (0.8,), 1, {"q1": 1})})
    >>> state.independent_successes("sql", 1)
    1
    >>> KnowledgeState.from_dict(state.to_dict()) == state
    True
    """

    learner_id: str
    skills: Mapping[str, SkillKnowledge] = field(default_factory=dict)
    completed: Mapping[str, datetime | None] = field(default_factory=dict)
    latent: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    lessons: Mapping[str, Lesson] = field(default_factory=dict)

    def __init__(
        self,
        learner_id: str,
        skills: Mapping[str, SkillKnowledge] = _NOTHING,
        completed: Mapping[str, datetime | None] = _NOTHING,
        latent: Mapping[str, tuple[float | str, ...]] = _NOTHING,
        lessons: Mapping[str, Lesson] = _NOTHING,
    ) -> None:
        # Read-only views of copies; what is read-only already is kept as it is.
        if type(skills) not in _READ_ONLY:
            skills = MappingProxyType(dict(skills))
        if type(completed) not in _READ_ONLY:
            completed = MappingProxyType(dict(completed))
        if type(latent) not in _READ_ONLY:
            latent = MappingProxyType(dict(latent))
        if type(lessons) not in _READ_ONLY:
            lessons = MappingProxyType(dict(lessons))
        _set_learner_id(self, learner_id)
        _set_skills(self, skills)
        _set_completed(self, completed)
        _set_latent(self, latent)
        _set_lessons(self, lessons)

    def moved(
        self,
        skills: Overlay[SkillKnowledge],
        latent: Overlay[tuple[float | str, ...]] | None = None,
    ) -> KnowledgeState:
        """Return the state of the same learner with other beliefs; made at every update."""
        state = object.__new__(KnowledgeState)
        _set_learner_id(state, self.learner_id)
        _set_skills(state, skills)
        _set_completed(state, self.completed)
        _set_latent(state, self.latent if latent is None else latent)
        _set_lessons(state, self.lessons)
        return state

    def independent_successes(self, skill_id: str, level: int = 1) -> int:
        """Return how many different items at or above a level were answered with a score ≥ 0.5."""
        known = self.skills.get(skill_id)
        if known is None:
            return 0
        return sum(item_level >= level for item_level in known.successes.values())

    def times(self, module_id: str) -> int:
        """Return how often a module was completed; at least once where only that is known."""
        lesson = self.lessons.get(module_id)
        return int(module_id in self.completed) if lesson is None else lesson.times

    def answered_since(self, module_id: str, skill_ids: Iterable[str]) -> int:
        """Return how many answers exercised what a module teaches since it was last completed.

        All of them where it never was, or nothing is remembered of it.
        """
        lesson = self.lessons.get(module_id)
        return self.opportunities_of(skill_ids) - (0 if lesson is None else lesson.answered)

    def opportunities_of(self, skill_ids: Iterable[str]) -> int:
        """Return how many responses exercised some skills, summed over them.

        Examples
        --------
        >>> state = KnowledgeState("ada", {"sql": SkillKnowledge((1,), (0.8,), 3)})
        >>> state.opportunities_of(["sql", "charts"])
        3
        """
        known = (self.skills.get(one) for one in skill_ids)
        return sum(one.opportunities for one in known if one is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_dict` reads back exactly; they survive JSON."""
        plain: dict[str, Any] = {
            "learner_id": self.learner_id,
            "skills": {skill_id: _skill_to_dict(one) for skill_id, one in self.skills.items()},
            "completed": {module_id: _text(at) for module_id, at in self.completed.items()},
        }
        if self.latent:
            plain["latent"] = {name: list(values) for name, values in self.latent.items()}
        if self.lessons:
            plain["lessons"] = {module_id: list(one) for module_id, one in self.lessons.items()}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> KnowledgeState:
        """Read what :meth:`to_dict` gave."""
        return cls(
            plain["learner_id"],
            {skill_id: _skill_from_dict(one) for skill_id, one in plain["skills"].items()},
            {module_id: _instant(at) for module_id, at in plain["completed"].items()},
            {name: tuple(values) for name, values in plain.get("latent", {}).items()},
            {module_id: Lesson(*one) for module_id, one in plain.get("lessons", {}).items()},
        )


_set_learner_id, _set_skills, _set_completed, _set_latent, _set_lessons = (
    getattr(KnowledgeState, one.name).__set__ for one in fields(KnowledgeState)
)


def _skill_to_dict(one: SkillKnowledge) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "levels": list(one.levels),
        "p_at_least": list(one.p_at_least),
        "opportunities": one.opportunities,
        "successes": dict(one.successes),
        "last_answered_at": _text(one.last_answered_at),
        "last_failed_at": _text(one.last_failed_at),
    }
    if one.believed_at is not None:
        plain["believed_at"] = _text(one.believed_at)
    return plain


def _skill_from_dict(plain: Mapping[str, Any]) -> SkillKnowledge:
    return SkillKnowledge(
        tuple(plain["levels"]),
        tuple(plain["p_at_least"]),
        plain["opportunities"],
        dict(plain["successes"]),
        _instant(plain["last_answered_at"]),
        _instant(plain["last_failed_at"]),
        _instant(plain.get("believed_at")),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
