"""One learner's abilities: unpacked from a state, read, moved, and packed again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

from ...domain.framework import SkillLevel
from .filtering import (
    EXERCISE_FIELDS,
    FAST,
    FAST_V,
    ITEM_FIELDS,
    LEARNER_FIELDS,
    N_TERMS,
    SKILL_FIELDS,
    SLOW,
    SLOW_V,
    N,
    Row,
    absorb,
    age,
    expect,
    fresh_learner,
    fresh_skill,
    kept_between,
    normal_cdf,
    remember,
)
from .fitted import Fitted
from .ledger import Exercise, exercise_of
from .named_reading import Moments, Reading
from .quantities import N_QUANTITIES, describe
from .reading import FAR, ITEM_COLUMNS
from .settings import Settings

__all__ = [
    "Ability",
    "Question",
    "Scale",
    "Sitting",
    "ability",
    "item_name",
    "learner_row",
    "p_above",
    "shift_to",
    "skill_name",
    "skill_row",
]

_STANDARD = NormalDist()
_CERTAIN = 1e-12
_SEPARATOR = "\t"
_NOTHING = (0.0, 0.0)

Latent = Mapping[str, tuple[float | str, ...]]


class Scale(NamedTuple):
    """The levels told apart of a skill, lowest first, and the abilities from which on they hold."""

    levels: tuple[int, ...]
    cuts: tuple[float, ...]

    def believed(self, one: Ability) -> tuple[float, ...]:
        """Return P(ability ≥ the cut point) of each level."""
        return tuple([p_above(one, cut) for cut in self.cuts])


class Question(NamedTuple):
    """An item as the filter and the reading see it.

    Parameters
    ----------
    item_id : str
    exercise : Exercise
    levels : tuple of int
        The item's level in each of its skills.
    places : tuple of int
        0, 1, … for the skills of the exercise.
    skill_names, exercise_name, item_name : str
        What they are called in a state's latent values.
    mark : tuple of str
        What the latent values call "previous" once it was answered.
    item : Moments
    easiness : tuple of Moments
        Per skill of the exercise, as :meth:`.Fitted.skill` gives it.
    typical : tuple of float
        Per skill, by how much its items are easier than others of their levels.
    known : tuple of Moments
        The easiness without the variances, which count as the learner's own.
    scales : tuple of Scale
        Per skill.
    """

    item_id: str
    exercise: Exercise
    levels: tuple[int, ...]
    places: tuple[int, ...]
    skill_names: tuple[str, ...]
    exercise_name: str
    item_name: str
    mark: tuple[str, str]
    item: Moments
    easiness: tuple[Moments, ...]
    typical: tuple[float, ...]
    known: tuple[Moments, ...]
    scales: tuple[Scale, ...]

    @classmethod
    def of(
        cls,
        item_id: str,
        skills: Sequence[SkillLevel],
        fitted: Fitted,
        scale: Callable[[str], Scale],
    ) -> Question:
        """Make a question of an item and the skills that it exercises; names are made once."""
        exercise, level_of = exercise_of(skills), dict(skills)
        easiness = tuple(map(fitted.skill, exercise))
        joined = _SEPARATOR.join(exercise)
        return cls(
            item_id,
            exercise,
            tuple(level_of[skill_id] for skill_id in exercise),
            tuple(range(len(exercise))),
            tuple(map(skill_name, exercise)),
            f"exercise {joined}",
            item_name(item_id),
            (joined, item_id),
            fitted.item(item_id, max(level_of.values())),
            easiness,
            tuple(fitted.typical.get(skill_id, 0.0) for skill_id in exercise),
            tuple((one[0], 0.0, one[2], 0.0) for one in easiness),
            tuple(map(scale, exercise)),
        )


class Sitting:
    """A learner in front of a question: the rows of the filter, as lists.

    Parameters
    ----------
    latent : mapping
        Of the learner's state.
    question : Question
    settings : Settings
    seconds : float
        When, since 1970; `UNKNOWN` where not said.
    """

    __slots__ = (
        "exercise",
        "item",
        "latent",
        "learner",
        "question",
        "seconds",
        "settings",
        "skills",
        "terms",
    )

    def __init__(
        self, latent: Latent, question: Question, settings: Settings, seconds: float
    ) -> None:
        self.latent, self.question, self.settings = latent, question, settings
        self.seconds = seconds
        self.learner = learner_row(latent, settings)
        now = self.learner[N]
        self.skills = []
        for name, given in zip(question.skill_names, question.easiness, strict=True):
            row = skill_row(latent, name, given, settings)
            age(row, now, seconds, settings)
            self.skills.append(row)
        self.exercise = _row(latent, question.exercise_name, EXERCISE_FIELDS)
        self.item = _row(latent, question.item_name, ITEM_FIELDS)
        self.terms = [0.0] * N_TERMS
        expect(
            self.learner,
            self.skills,
            question.places,
            question.item,
            question.known,
            settings,
            self.terms,
        )

    @property
    def before(self) -> tuple[Exercise | None, str | None]:
        """The exercise and the item answered before, None at the start."""
        found = self.latent.get("previous")
        if found is None:
            return None, None
        return tuple(str(found[0]).split(_SEPARATOR)), str(found[1])

    def quantities(self) -> list[float]:
        """Return the quantities that the prediction is read from."""
        exercise, item_id = self.before
        out = [0.0] * N_QUANTITIES
        describe(
            self.learner,
            self.skills,
            self.question.places,
            self.exercise,
            self.item,
            self.terms,
            1.0 if exercise == self.question.exercise else 0.0,
            1.0 if item_id == self.question.item_id else 0.0,
            self.seconds,
            out,
        )
        return out

    def read(self, weights: Reading) -> float:
        """Return what the reading adds to the predictor."""
        units = zip(self.quantities(), weights.centre, weights.scale, strict=True)
        x = [max(-FAR, min(FAR, (value - centre) * scale)) for value, centre, scale in units]
        question, (exercise, item_id) = self.question, self.before
        added = _dot(x, weights.shared[0])
        of_exercise = weights.of_exercise(question.exercise)
        if of_exercise is not None:
            added += _dot(x, of_exercise[0])
        of_item = weights.items.get(question.item_id)
        if of_item is not None:
            added += _dot([x[column] for column in ITEM_COLUMNS], of_item[0])
        added += weights.exercise_transfers.get((exercise, question.exercise), _NOTHING)[0]
        return added + weights.item_transfers.get((item_id, question.item_id), _NOTHING)[0]

    def answer(self, score: float) -> tuple[dict[str, tuple[float | str, ...]], list[Ability]]:
        """Take an answer in.

        Returns
        -------
        changes : dict
            The latent values that it changes.
        abilities : list of Ability
            In the question's skills, now.
        """
        question, places, skills = self.question, self.question.places, self.skills
        absorb(self.learner, skills, places, self.terms, score, self.settings)
        remember(self.learner, skills, places, self.exercise, self.item, score, self.seconds)
        changes: dict[str, tuple[float | str, ...]] = {
            "learner": tuple(self.learner),
            "previous": question.mark,
            question.exercise_name: tuple(self.exercise),
            question.item_name: tuple(self.item),
            **dict(zip(question.skill_names, map(tuple, skills), strict=True)),
        }
        told = zip(skills, question.easiness, question.typical, strict=True)
        return changes, [ability(self.learner, *one, self.settings) for one in told]


class Ability(NamedTuple):
    """The ability in one skill on the scale of items, in probit units."""

    mean: float
    variance: float


def ability(learner: Row, skill: Row, given: Row, typical: float, h: Settings) -> Ability:
    """Return a learner's ability in a skill, now: the predictor of its typical item.

    The sum of what lasts and of what was practised just now, as far as responses to other things
    have left it. The form of the day is not part of it, and practice never counts against it.
    """
    keep = kept_between(skill, learner[N], h) if skill[N] else 1.0
    x = math.log1p(skill[N])
    slope = max(given[2], 0.0)
    fast_variance = skill[FAST_V] * keep * keep + (1.0 - keep * keep) * h.skill_fast_variance
    return Ability(
        h.intercept
        + typical
        + learner[SLOW]
        + skill[SLOW]
        + keep * skill[FAST]
        + given[0]
        + slope * x,
        learner[SLOW_V] + skill[SLOW_V] + fast_variance,
    )


def p_above(one: Ability, cut: float) -> float:
    """Return P(ability ≥ cut).

    Examples
    --------
    >>> p_above(Ability(0.5, 1.0), 0.5)
    0.5
    """
    return normal_cdf((one.mean - cut) / math.sqrt(one.variance))


def shift_to(one: Ability, before: float, after: float) -> float:
    """Return by how much the mean must move for P(ability ≥ cut) to go from one to another.

    Examples
    --------
    >>> round(shift_to(Ability(0.0, 4.0), 0.5, 0.8413447), 6)
    2.0
    """
    low, high = (min(max(p, _CERTAIN), 1.0 - _CERTAIN) for p in (before, after))
    step = _STANDARD.inv_cdf(high) - _STANDARD.inv_cdf(low)
    return math.sqrt(one.variance) * max(step, 0.0)


def learner_row(latent: Latent, settings: Settings) -> list[float]:
    """Return the learner's row, as a list that may be changed."""
    found = latent.get("learner")
    if found is not None:
        return list(found)  # type: ignore[arg-type]  # "previous" alone holds text
    row = [0.0] * LEARNER_FIELDS
    fresh_learner(row, settings)
    return row


def skill_row(latent: Latent, name: str, given: Moments, settings: Settings) -> list[float]:
    """Return the row of one of the learner's skills, as a list that may be changed."""
    found = latent.get(name)
    row = [0.0] * SKILL_FIELDS
    fresh_skill(row, settings, given[1])
    if found is not None:
        row[: len(found)] = found  # type: ignore[assignment]  # older states say less
    return row


def skill_name(skill_id: str) -> str:
    """Return what a skill is called in a state's latent values."""
    return f"skill {skill_id}"


def item_name(item_id: str) -> str:
    """Return what an item is called in a state's latent values."""
    return f"item {item_id}"


def _row(latent: Latent, name: str, width: int) -> list[float]:
    found = latent.get(name)
    return [0.0] * width if found is None else list(found)  # type: ignore[arg-type]


def _dot(x: list[float], weights: Moments) -> float:
    return sum([value * weight for value, weight in zip(x, weights, strict=True)])
