"""What a fit has learned, and how it is written down and read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..domain.framework import SkillLevel
from ..domain.summary import LogSummary
from .convergence import FitReport, SkillFit
from .noise import Noise, NoiseTable
from .parameters import DEFAULT_PARAMETERS, USUAL_DECAY, LevelParameters, SkillParameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog
    from .lessons import Effects

__all__ = ["Fitted", "count_items", "items_of", "usual_items"]

Value = TypeVar("Value")

_TRIANGLE = np.tril_indices(5)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a log has taught.

    Parameters
    ----------
    parameters : mapping of str to SkillParameters
        Per skill and level.
    pooled : tuple of LevelParameters
        Of all skills together, by rank of level, for skills and levels without their own.
    report : FitReport
    items : mapping of str to tuple of SkillLevel
        Which skills the log's items exercised.
    noise : NoiseTable
        Guess and slip of items, or of kinds of items, where these have their own.
    effects : Effects
        What modules teach, where the log came with completions.
    decay : mapping of str to float
        Levels forgotten per day, by skill, with forgetting by elapsed time.
    pooled_decay : float
        The same for skills without their own.
    spread : tuple of float
        How far learners differ in prior and learn, in logits (:mod:`.traits`).
    covariance : mapping of SkillLevel to ndarray, shape (5, 5)
        Of the logits of a level's parameters: how well they are known.
    events : mapping of SkillLevel to ndarray, shape (5, 2)
        How often each of a level's parameters has happened, and has not, in expectation: what a
        further fit remembers of the answers. Empty where the model has more than levels.
    summary : LogSummary, optional
        How much evidence there was.

    Examples
    --------
    >>> Fitted.from_plain(Fitted().to_plain()) == Fitted()
    True
    """

    parameters: Mapping[str, SkillParameters] = field(default_factory=dict)
    pooled: tuple[LevelParameters, ...] = (DEFAULT_PARAMETERS,)
    report: FitReport = field(default_factory=lambda: FitReport({}))
    items: Mapping[str, tuple[SkillLevel, ...]] = field(default_factory=dict)
    noise: NoiseTable = field(default_factory=dict)
    effects: Effects = field(default_factory=dict)
    decay: Mapping[str, float] = field(default_factory=dict)
    pooled_decay: float = USUAL_DECAY
    spread: tuple[float, float] = (0.0, 0.0)
    covariance: Mapping[SkillLevel, NDArray[np.float64]] = field(
        default_factory=dict, compare=False
    )
    events: Mapping[SkillLevel, NDArray[np.float64]] = field(default_factory=dict, compare=False)
    summary: LogSummary | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return plain values that survive JSON; skills of items are told once per combination."""
        sets = list(dict.fromkeys(self.items.values()))
        number = {one: i for i, one in enumerate(sets)}
        return {
            "names": list(LevelParameters._fields),
            "pooled": [list(one) for one in self.pooled],
            "parameters": {
                skill_id: {str(level): list(one) for level, one in levels.items()}
                for skill_id, levels in self.parameters.items()
            },
            "skill_sets": [[list(one) for one in skill_set] for skill_set in sets],
            "items": {item_id: number[one] for item_id, one in self.items.items()},
            "report": {skill_id: asdict(one) for skill_id, one in self.report.items()},
            "noise": _plain_table(self.noise),
            "effects": _plain_table(self.effects),
            "decay": dict(self.decay),
            "pooled_decay": self.pooled_decay,
            "spread": list(self.spread),
            "covariance": [
                [*reached, one[_TRIANGLE].tolist()] for reached, one in self.covariance.items()
            ],
            "events": [[*reached, one.tolist()] for reached, one in self.events.items()],
            "summary": None if self.summary is None else asdict(self.summary),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Fitted:
        """Read what :meth:`to_plain` gave; raise ValueError and its like where that fails."""
        if plain["names"] != list(LevelParameters._fields):
            raise ValueError(f"the parameters are named {plain['names']}")
        sets = [tuple(_skill_level(one) for one in skill_set) for skill_set in plain["skill_sets"]]
        pooled = tuple(_probabilities(one) for one in plain["pooled"])
        if not pooled:
            raise ValueError("there are no pooled parameters")
        return cls(
            {skill_id: _levels(one) for skill_id, one in plain["parameters"].items()},
            pooled,
            FitReport({skill_id: _skill_fit(one) for skill_id, one in plain["report"].items()}),
            {item_id: _pick(sets, number) for item_id, number in plain["items"].items()},
            _read_table(plain.get("noise", {}), _noise),
            _read_table(plain.get("effects", {}), _share),
            {skill_id: _rate(one) for skill_id, one in plain.get("decay", {}).items()},
            _rate(plain.get("pooled_decay", USUAL_DECAY)),
            _spread(*plain.get("spread", (0.0, 0.0))),
            {
                _skill_level((skill_id, level)): _symmetric(triangle)
                for skill_id, level, triangle in plain.get("covariance", [])
            },
            {
                _skill_level((skill_id, level)): _events(one)
                for skill_id, level, one in plain.get("events", [])
            },
            LogSummary(**plain["summary"]) if plain.get("summary") else None,
        )


def items_of(log: ResponseLog) -> dict[str, tuple[SkillLevel, ...]]:
    """Return which skills each item of a log exercised; in most responses, where they differ."""
    return usual_items(count_items(log))


def count_items(log: ResponseLog) -> Counter[tuple[str, tuple[SkillLevel, ...]]]:
    """Return how many responses each item of a log had with each combination of skills."""
    n_items, n_sets = len(log.item_ids), len(log.skill_sets)
    set_of_item = np.zeros(n_items, dtype=np.int32)
    set_of_item[log.item] = log.skill_set  # one of them, which most of its responses have
    other = np.flatnonzero(log.skill_set != set_of_item[log.item])
    items = log.item[other].astype(np.int64)
    pairs, counts = np.unique(items * n_sets + log.skill_set[other], return_counts=True)
    usual = np.bincount(log.item, minlength=n_items) - np.bincount(items, minlength=n_items)
    pairs = np.append(np.arange(n_items) * n_sets + set_of_item, pairs)
    at = zip(pairs.tolist(), [*usual.tolist(), *counts.tolist()], strict=True)
    return Counter(
        {(log.item_ids[pair // n_sets], log.skill_sets[pair % n_sets]): n for pair, n in at if n}
    )


def usual_items(
    counts: Mapping[tuple[str, tuple[SkillLevel, ...]], int],
) -> dict[str, tuple[SkillLevel, ...]]:
    """Return the combination of skills that each item had most often, by item.

    Examples
    --------
    >>> sql, charts = (SkillLevel("sql"),), (SkillLevel("charts"),)
    >>> usual_items({("q2", sql): 1, ("q1", sql): 3, ("q1", charts): 2})
    {'q1': (SkillLevel(skill_id='sql', level=1),), 'q2': (SkillLevel(skill_id='sql', level=1),)}
    """
    rarest_first = sorted(counts, key=lambda one: (counts[one], one[1]))
    chosen = dict(rarest_first)
    return {item_id: chosen[item_id] for item_id in sorted(chosen)}


def _levels(plain: Mapping[str, Any]) -> SkillParameters:
    if not plain:
        raise ValueError("a skill has no levels")
    return {level: _probabilities(plain[str(level)]) for level in sorted(map(int, plain))}


def _probabilities(plain: Sequence[Any]) -> LevelParameters:
    one = LevelParameters(*map(float, plain))
    inner = (one.prior, one.learn, one.guess, one.slip)
    if not (all(0.0 < p < 1.0 for p in inner) and 0.0 <= one.forget < 1.0):
        raise ValueError(f"{one} are no probabilities")
    if one.guess + one.slip >= 1.0:
        raise ValueError(f"guess + slip is {one.guess + one.slip}, expected less than 1")
    return one


def _skill_level(plain: Sequence[Any]) -> SkillLevel:
    skill_id, level = plain
    if not isinstance(skill_id, str) or not isinstance(level, int) or level < 1:
        raise ValueError(f"{plain} is no skill at a level")
    return SkillLevel(skill_id, level)


def _plain_table(table: Mapping[str, Mapping[SkillLevel, Any]]) -> dict[str, list[list[Any]]]:
    """Return rows of skill, level and value, or values, by the id that they belong to."""
    return {
        one: [
            [*reached, *(value if isinstance(value, tuple) else (value,))]
            for reached, value in found.items()
        ]
        for one, found in table.items()
    }


def _read_table(
    plain: Mapping[str, Sequence[Sequence[Any]]], read: Callable[..., Value]
) -> dict[str, dict[SkillLevel, Value]]:
    return {
        one: {_skill_level((skill_id, level)): read(*values) for skill_id, level, *values in rows}
        for one, rows in plain.items()
    }


def _noise(guess: Any, slip: Any) -> Noise:
    found = Noise(float(guess), float(slip))
    if not (found.guess > 0.0 and found.slip > 0.0 and found.guess + found.slip < 1.0):
        raise ValueError(f"{found} is no guess and slip")
    return found


def _symmetric(triangle: Sequence[Any]) -> NDArray[np.float64]:
    matrix = np.zeros((5, 5))
    matrix[_TRIANGLE] = [float(one) for one in triangle]
    whole: NDArray[np.float64] = matrix + np.tril(matrix, -1).T
    if not np.isfinite(whole).all():
        raise ValueError("a covariance is not finite")
    return whole


def _events(plain: Sequence[Any]) -> NDArray[np.float64]:
    events = np.array(plain, dtype=np.float64)
    if events.shape != (5, 2) or not (np.isfinite(events).all() and (events >= 0.0).all()):
        raise ValueError(f"{plain} are no events")
    return events


def _share(given: Any) -> float:
    value = float(given)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{value} is no probability")
    return value


def _rate(given: Any) -> float:
    value = float(given)
    if not 0.0 <= value < float("inf"):
        raise ValueError(f"{value} is no rate per day")
    return value


def _spread(prior: Any, learn: Any) -> tuple[float, float]:
    found = float(prior), float(learn)
    if not np.isfinite(found).all():
        raise ValueError(f"{found} is no spread")
    return found


def _skill_fit(plain: Mapping[str, Any]) -> SkillFit:
    sequences = {"trace": tuple(plain["trace"]), "warnings": tuple(plain["warnings"])}
    return SkillFit(**{**plain, **sequences})


def _pick(sets: Sequence[tuple[SkillLevel, ...]], number: int) -> tuple[SkillLevel, ...]:
    if not 0 <= number < len(sets):
        raise ValueError(f"{number} is no combination of skills")
    return sets[number]
