"""What a fit of DynamicIRT has learned, by id, and how it is written down and read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...domain.framework import SkillLevel
from .easiness import Easiness
from .named_reading import Moments, Reading, finite
from .settings import Settings

if TYPE_CHECKING:
    from ...domain.responses import ResponseLog
    from ..lessons import Effects
    from .ledger import Ledger

__all__ = ["LEVEL_STEP", "TYPICAL_WEIGHT", "DynamicFit", "Fitted"]

LEVEL_STEP = 0.5
"""By how much a level is harder than the one below, in probit units, before a log says so."""

TYPICAL_WEIGHT = 0.5
"""How many items of no difference a skill's typical one is shrunk by."""


@dataclass(frozen=True, slots=True)
class DynamicFit:
    """How a fit went.

    Parameters
    ----------
    n_responses, n_learners : int
    log_loss : float
        Of the filter alone, per response, each predicted without itself.
    trace : tuple of float
        The penalised log-loss of the search for settings before each round and after the last.
    converged : bool
        Whether the search's last round gained next to nothing.
    warnings : tuple of str
    """

    n_responses: int = 0
    n_learners: int = 0
    log_loss: float = 0.0
    trace: tuple[float, ...] = ()
    converged: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a log has taught.

    Parameters
    ----------
    settings : Settings
    levels : mapping of int to float
        Mean easiness of the items of each level that the log had.
    items : mapping of str to Moments
        Mean and variance of easiness; as the filter takes them, given all else.
    skills : mapping of str to Moments
        Mean and variance of easiness, then of the practice slope; the same.
    items_doubt : mapping of str to Moments
        Variance of easiness with all that is learned together, and its covariance with that of
        the item's skills: see :mod:`.certainty`.
    skills_doubt : mapping of str to Moments
        The variances of easiness and of the practice slope, with all that is learned together.
    typical : mapping of str to float
        By how much the items of a skill are easier than others of their levels. Items and skills
        share what their answers have in common; this is what a level of the skill is measured by.
    reading : Reading or None
        None where too few learners could be told apart: the filter alone predicts.
    item_skills : mapping of str to tuple of SkillLevel
        Which skills the log's items exercised.
    effects : Effects
        What modules teach, where the log came with completions.
    report : DynamicFit

    Examples
    --------
    >>> Fitted.from_plain(Fitted().to_plain()) == Fitted()
    True
    >>> Fitted().level_easiness(3)
    -1.0
    """

    settings: Settings = field(default_factory=Settings)
    levels: Mapping[int, float] = field(default_factory=lambda: {1: 0.0})
    items: Mapping[str, Moments] = field(default_factory=dict)
    skills: Mapping[str, Moments] = field(default_factory=dict)
    typical: Mapping[str, float] = field(default_factory=dict)
    reading: Reading | None = None
    item_skills: Mapping[str, tuple[SkillLevel, ...]] = field(default_factory=dict)
    items_doubt: Mapping[str, Moments] = field(default_factory=dict)
    skills_doubt: Mapping[str, Moments] = field(default_factory=dict)
    effects: Effects = field(default_factory=dict)
    report: DynamicFit = field(default_factory=DynamicFit)

    @property
    def skill_levels(self) -> dict[str, set[int]]:
        """The levels at which the log's items exercised each skill."""
        found: dict[str, set[int]] = {}
        for one in (one for skills in self.item_skills.values() for one in skills):
            found.setdefault(one.skill_id, set()).add(one.level)
        return found

    def level_easiness(self, level: int) -> float:
        """Return the mean easiness of items of a level; unknown ones go on from the nearest."""
        if level in self.levels:
            return self.levels[level]
        below = [one for one in self.levels if one < level]
        nearest = max(below) if below else min(self.levels)
        return self.levels[nearest] - LEVEL_STEP * (level - nearest)

    def item(self, item_id: str, level: int) -> Moments:
        """Return mean and variance of an item's easiness; of a new one, those of its level."""
        return self.items.get(item_id) or self.usual_item(level)

    def usual_item(self, level: int) -> Moments:
        """Return mean and variance of the easiness of an item of a level that is not known."""
        return self.level_easiness(level), self.settings.item_variance

    def skill(self, skill_id: str) -> Moments:
        """Return mean and variance of a skill's easiness and practice slope, or their priors."""
        one = self.settings
        usual = (0.0, one.skill_variance, one.practice, one.practice_variance)
        return self.skills.get(skill_id, usual)

    def easiness(self, ledger: Ledger, log: ResponseLog) -> Easiness:
        """Return the easiness of items and skills over the codes of a log."""
        levels = ledger.item_level.tolist()
        items = [self.item(*one) for one in zip(log.item_ids, levels, strict=True)]
        skills = [self.skill(one) for one in log.skill_ids]
        return Easiness(
            np.array(items, dtype=np.float64).reshape(-1, 2),
            np.array(skills, dtype=np.float64).reshape(-1, 4),
            self.report.log_loss,
        )

    def known_items(self) -> dict[str, Moments]:
        """Return mean and variance of items' easiness, with all that is learned together."""
        doubt = self.items_doubt
        return {k: (one[0], doubt[k][0] if k in doubt else one[1]) for k, one in self.items.items()}

    def known_skills(self) -> dict[str, Moments]:
        """Return the moments of skills, with all that is learned together."""
        usual = {k: (one[1], one[3]) for k, one in self.skills.items()}
        doubt = {**usual, **self.skills_doubt}
        return {k: (one[0], doubt[k][0], one[2], doubt[k][1]) for k, one in self.skills.items()}

    def rows(self) -> Iterator[tuple[str, str, str, float, float]]:
        """Yield kind, name, quantity, mean and variance of every learned term."""
        for item_id, one in self.known_items().items():
            yield "item", item_id, "easiness", one[0], one[1]
        for skill_id, one in self.known_skills().items():
            yield "skill", skill_id, "easiness", one[0], one[1]
            yield "skill", skill_id, "practice", one[2], one[3]
        if self.reading is not None:
            yield from self.reading.rows()

    def to_plain(self) -> dict[str, Any]:
        """Return plain values that survive JSON; skills of items are told once per combination."""
        sets = list(dict.fromkeys(self.item_skills.values()))
        number = {one: i for i, one in enumerate(sets)}
        return {
            "settings": self.settings._asdict(),
            "levels": {str(level): value for level, value in self.levels.items()},
            "items": self.items,
            "skills": self.skills,
            "typical": self.typical,
            "reading": None if self.reading is None else self.reading.to_plain(),
            "skill_sets": [[list(one) for one in skill_set] for skill_set in sets],
            "item_skills": {item_id: number[one] for item_id, one in self.item_skills.items()},
            "items_doubt": self.items_doubt,
            "skills_doubt": self.skills_doubt,
            "effects": [
                [module_id, *reached, learn]
                for module_id, taught in self.effects.items()
                for reached, learn in taught.items()
            ],
            "report": asdict(self.report),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Fitted:
        """Read what :meth:`to_plain` gave; raise ValueError and its like where that fails."""
        sets = [tuple(_skill_level(one) for one in skill_set) for skill_set in plain["skill_sets"]]
        settings = {"skill_slow_fade": 0.0, "skill_fast_fade": 0.0, **plain["settings"]}
        values = finite([settings[name] for name in Settings._fields], len(Settings._fields))
        report = plain["report"]
        sequences = {"trace": tuple(report["trace"]), "warnings": tuple(report["warnings"])}
        reading = plain["reading"]
        return cls(
            Settings(*values),
            {int(level): finite([value], 1)[0] for level, value in plain["levels"].items()},
            {item_id: finite(one, 2) for item_id, one in plain["items"].items()},
            {skill_id: finite(one, 4) for skill_id, one in plain["skills"].items()},
            {skill_id: finite([one], 1)[0] for skill_id, one in plain["typical"].items()},
            None if reading is None else Reading.from_plain(reading),
            {item_id: _pick(sets, number) for item_id, number in plain["item_skills"].items()},
            {item_id: finite(one, 2) for item_id, one in plain.get("items_doubt", {}).items()},
            {skill_id: finite(one, 2) for skill_id, one in plain.get("skills_doubt", {}).items()},
            _effects(plain.get("effects", [])),
            DynamicFit(**{**report, **sequences}),
        )


def _effects(plain: Sequence[Any]) -> Effects:
    found: dict[str, dict[SkillLevel, float]] = {}
    for module_id, skill_id, level, learn in plain:
        if not 0.0 <= learn <= 1.0:
            raise ValueError(f"{learn} is no probability")
        found.setdefault(module_id, {})[_skill_level((skill_id, level))] = learn
    return found


def _skill_level(plain: Sequence[Any]) -> SkillLevel:
    skill_id, level = plain
    if not isinstance(skill_id, str) or not isinstance(level, int) or level < 1:
        raise ValueError(f"{plain} is no skill at a level")
    return SkillLevel(skill_id, level)


def _pick(sets: Sequence[tuple[SkillLevel, ...]], number: int) -> tuple[SkillLevel, ...]:
    if not 0 <= number < len(sets):
        raise ValueError(f"{number} is no combination of skills")
    return sets[number]
