"""Going along chosen modules step by step: in which order, and what is to be expected of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..domain.recommendations import PathStep
from .explanation import enables, raises
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .choice import Chosen
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Walk"]


class Walk:
    """A path step by step, and the attainments to be expected along it."""

    def __init__(self, ahead: Prospect) -> None:
        self.ahead, self.where = ahead, ahead.where
        self.steps: list[PathStep] = []
        self.modules: list[int] = []
        self.elapsed_minutes = 0.0
        self.gain = 0.0  # truncated
        self.p = list(ahead.now.p)
        self._n = len(self.where.role.targets)
        self._at_targets = tuple(self.p[: self._n])
        self._ceiling = self.where.role.mastery_threshold
        self._readiness = sum(w * p for w, p in zip(self.where.shares, self.p, strict=False))

    def along(self, chosen: Chosen, *, as_picked: bool = False) -> Walk:
        """Take every step of a choice, lower levels first or as picked; return the walk."""
        pick_of = {m: pick for pick in chosen.picks for m in pick}
        order = list(pick_of) if as_picked else _lower_levels_first(self.ahead, chosen.picks)
        then = self._foresee(order)
        for m in order:
            self._step(m, pick_of[m], then)
        return self

    def _foresee(self, order: Sequence[int]) -> Iterator[float]:
        """Give what completing modules in an order makes of each target of each; asked at once.

        What that is depends on nothing but the modules before it on the same skill.
        """
        ends: dict[int, Numbers] = {}
        chains: list[tuple[int, Numbers]] = []
        for m in order:
            for i in self.ahead.where.aims[m]:
                chain = ends[i] = (*ends[i], m) if i in ends else (m,)
                chains.append((i, chain))
        return iter(self.ahead.outlook.foresee(chains))

    def _step(self, m: int, pick: Numbers, then: Iterator[float]) -> None:
        """Complete a module in expectation, and say what for."""
        ahead, where, p = self.ahead, self.where, self.p
        aims, minutes, gain, gains = where.aims[m], where.minutes[m], 0.0, dict[int, float]()
        for i in aims:
            before, after, share = p[i], next(then), where.shares[i]
            gains[i] = after - before
            gain += share * gains[i]
            if before < self._ceiling:
                self.gain += share * (min(after, self._ceiling) - before)
            p[i] = after
        if aims:
            self._at_targets = tuple(p[: self._n])
        self._readiness += gain
        self.elapsed_minutes += minutes
        self.modules.append(m)
        only_enables = gain <= MIN_GAIN and m != pick[-1]
        step = PathStep(
            where.modules[m].module_id,
            minutes,
            self.elapsed_minutes,
            min(self._readiness, 1.0),
            enables(ahead, m, pick) if only_enables else raises(ahead, m, gain, gains),
            self._at_targets,
        )
        self.steps.append(step)


def _lower_levels_first(ahead: Prospect, picks: Sequence[Numbers]) -> list[int]:
    """Return the picks in a row, but a lower level of a skill before a higher one picked earlier.

    What is reached so is at least as much. A module only moves up to where nothing it waits for
    is missing yet.
    """
    order: list[int] = []
    for m in (m for pick in picks for m in pick):
        higher = ahead.where.higher[m]
        if not higher or higher.isdisjoint(order):
            order.append(m)
        else:
            at = next(k for k, one in enumerate(order) if one in higher)
            order.insert(at if _could_come(ahead, m, order[:at]) else len(order), m)
    return order


def _could_come(ahead: Prospect, m: int, earlier: list[int]) -> bool:
    where, before = ahead.where, set(earlier)
    return all(ahead.now.done[b] or b in before for b in where.comes_after[m]) and all(
        not before.isdisjoint(where.led_to_by[k]) for k in ahead.found.waits[m]
    )
