"""A reading by id: which weights belong to which exercise, item and transfer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from .quantities import ITEM_QUANTITIES, N_QUANTITIES, QUANTITIES
from .reading import Coded, Weights

if TYPE_CHECKING:
    from ...domain.responses import ResponseLog
    from .ledger import Exercise, Ledger

__all__ = ["Learned", "Moments", "Reading", "finite", "short"]

Moments = tuple[float, ...]
"""Means and variances."""

Learned = tuple[Moments, Moments]
"""Weights, and their variances."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading's weights by id; see :mod:`.reading`.

    Parameters
    ----------
    centre, scale : tuple of float, shape (n_quantities,)
    shared : Learned
    exercises : mapping of Exercise to Learned
    items : mapping of str to Learned
    exercise_transfers : mapping of (Exercise or None, Exercise) to Moments
    item_transfers : mapping of (str or None, str) to Moments
        None is the start of a learner's history.
    """

    centre: Moments
    scale: Moments
    shared: Learned
    exercises: Mapping[Exercise, Learned]
    items: Mapping[str, Learned]
    exercise_transfers: Mapping[tuple[Exercise | None, Exercise], Moments]
    item_transfers: Mapping[tuple[str | None, str], Moments]

    @classmethod
    def of(cls, coded: Coded, ledger: Ledger, log: ResponseLog) -> Reading:
        """Name what was learned over the codes of a log."""
        exercises, items = ledger.exercises, log.item_ids
        return cls(
            short(coded.centre),
            short(coded.scale),
            (short(coded.shared.mean), short(coded.shared.variance)),
            _named(coded.exercises, exercises),
            _named(coded.items, items),
            {
                (None if b < 0 else exercises[b], exercises[f]): short(pair)
                for (b, f), pair in coded.exercise_pairs.items()
            },
            {
                (None if b < 0 else items[b], items[f]): short(pair)
                for (b, f), pair in coded.item_pairs.items()
            },
        )

    def coded(self, ledger: Ledger, log: ResponseLog) -> Coded:
        """Return the reading over the codes of a log."""
        exercises = {one: x for x, one in enumerate(ledger.exercises)}
        items = {one: i for i, one in enumerate(log.item_ids)}
        return Coded(
            np.array(self.centre),
            np.array(self.scale),
            Weights(*map(np.array, self.shared)),
            _stacked([self.of_exercise(one) for one in exercises], N_QUANTITIES),
            _stacked([self.items.get(one) for one in items], len(ITEM_QUANTITIES)),
            _numbered(self.exercise_transfers, exercises),
            _numbered(self.item_transfers, items),
        )

    def of_exercise(self, exercise: Exercise) -> Learned | None:
        """Return an exercise's weights; of a new combination the mean of its single skills'."""
        if exercise in self.exercises or len(exercise) == 1:
            return self.exercises.get(exercise)
        alone = [self.exercises.get((skill_id,)) for skill_id in exercise]
        known = [one for one in alone if one is not None]
        if not known:
            return None
        total = np.sum([one[0] for one in known], axis=0) / len(exercise)
        return tuple(total.tolist()), tuple(np.mean([one[1] for one in known], axis=0).tolist())

    def rows(self) -> Iterator[tuple[str, str, str, float, float]]:
        """Yield kind, name, quantity, mean and variance of every weight and transfer."""
        yield from _listed("weight", "", QUANTITIES, self.shared)
        for exercise, one in self.exercises.items():
            yield from _listed("exercise weight", "~".join(exercise), QUANTITIES, one)
        for item_id, one in self.items.items():
            yield from _listed("item weight", item_id, ITEM_QUANTITIES, one)
        for (before, after), m in self.exercise_transfers.items():
            yield "exercise transfer", "~".join(after), "~".join(before or ()), m[0], m[1]
        for (item_before, item_after), m in self.item_transfers.items():
            yield "item transfer", item_after, item_before or "", m[0], m[1]

    def to_plain(self) -> dict[str, Any]:
        """Return plain values that survive JSON."""
        return {
            "quantities": list(QUANTITIES),
            "item_quantities": list(ITEM_QUANTITIES),
            "centre": self.centre,
            "scale": self.scale,
            "shared": self.shared,
            "exercises": [[one, *learned] for one, learned in self.exercises.items()],
            "items": self.items,
            "exercise_transfers": [[*pair, *m] for pair, m in self.exercise_transfers.items()],
            "item_transfers": [[*pair, *m] for pair, m in self.item_transfers.items()],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Reading:
        """Read what :meth:`to_plain` gave."""
        if plain["quantities"] != list(QUANTITIES):
            raise ValueError(f"the quantities are {plain['quantities']}")
        if plain["item_quantities"] != list(ITEM_QUANTITIES):
            raise ValueError(f"the item quantities are {plain['item_quantities']}")
        width, narrow = N_QUANTITIES, len(ITEM_QUANTITIES)
        return cls(
            finite(plain["centre"], width),
            finite(plain["scale"], width),
            _learned(plain["shared"], width),
            {tuple(one): _learned(learned, width) for one, *learned in plain["exercises"]},
            {item_id: _learned(one, narrow) for item_id, one in plain["items"].items()},
            {
                (None if before is None else tuple(before), tuple(after)): finite(m, 2)
                for before, after, *m in plain["exercise_transfers"]
            },
            {(before, after): finite(m, 2) for before, after, *m in plain["item_transfers"]},
        )


def short(values: Iterable[float]) -> Moments:
    """Return values to seven digits: far finer than their errors, and short as text."""
    return tuple(float(f"{value:.7g}") for value in values)


def _named(weights: Weights, names: Sequence[Any]) -> dict[Any, Learned]:
    """Return the weights of the groups that have any, by name."""
    learned = np.flatnonzero(np.any(weights.mean != 0.0, axis=1))
    return {
        names[g]: (short(weights.mean[g].tolist()), short(weights.variance[g].tolist()))
        for g in learned.tolist()
    }


def _stacked(groups: Sequence[Learned | None], width: int) -> Weights:
    found = Weights(np.zeros((len(groups), width)), np.zeros((len(groups), width)))
    for g, learned in enumerate(groups):
        if learned is not None:
            found.mean[g], found.variance[g] = learned
    return found


def _numbered(
    transfers: Mapping[tuple[Any, Any], Moments], codes: Mapping[Any, int]
) -> dict[tuple[int, int], tuple[float, float]]:
    from_start = {None: -1, **codes}
    return {
        (from_start[before], codes[after]): (m[0], m[1])
        for (before, after), m in transfers.items()
        if after in codes and before in from_start
    }


def _learned(plain: Sequence[Any], width: int) -> Learned:
    mean, variance = plain
    return finite(mean, width), finite(variance, width)


def finite(plain: Iterable[Any], n: int) -> Moments:
    values = tuple(map(float, plain))
    if len(values) != n or not all(map(isfinite, values)):
        raise ValueError(f"{values} are not {n} finite numbers")
    return values


def _listed(
    kind: str, name: str, quantities: Sequence[str], learned: Learned
) -> Iterator[tuple[str, str, str, float, float]]:
    for quantity, mean, variance in zip(quantities, *learned, strict=True):
        yield kind, name, quantity, mean, variance
