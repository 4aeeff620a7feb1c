"""Going along chosen modules step by step: in which order, and what is to be expected of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from ..domain.recommendations import PathStep
from .explanation import enables, keeps, raises
from .lapsing import Lapse
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from ..domain.recommendations import Reason
    from .choice import Chosen, Renewed
    from .prospect import Prospect
    from .renewals import Proofs
    from .role_map import Numbers
    from .timetable import Pace

__all__ = ["Walk"]

_ROUNDING = 1e-6  # minutes


class Walk:
    """A path step by step, and the attainments to be expected along it.

    Parameters
    ----------
    ahead : Prospect
    pace : Pace, optional
        The learner's time, where it is known.
    proofs : Proofs, optional
        Until when what is attained is valid: what has expired counts as not attained.

    Attributes
    ----------
    steps : list of PathStep
    modules : list of int
        Of each step.
    ends : list of float
        Of each step, the minutes of the learner's time that have gone by then.
    elapsed_minutes, gain : float
        What the steps take, and the truncated gain in readiness.
    p : list of float
        What is believed in the end of everything wanted.
    lapsed : set of int
        The targets whose proof has expired by then.
    """

    def __init__(
        self, ahead: Prospect, pace: Pace | None = None, proofs: Proofs | None = None
    ) -> None:
        self.ahead, self.where, self._pace = ahead, ahead.where, pace
        self._proofs = None if proofs is None else proofs.copy()
        self.steps: list[PathStep] = []
        self.modules: list[int] = []
        self.ends: list[float] = []
        self.elapsed_minutes = self._now = 0.0
        self.gain = 0.0  # truncated
        self.p = list(ahead.now.p)
        self.lapsed, self._renewed = set[int](), set[int]()
        self._n, self._lapses = len(self.where.role.targets), ahead.lapses
        self._at_targets = tuple(self.p[: self._n])
        self._ceiling = self.where.role.mastery_threshold
        self._readiness = sum(w * p for w, p in zip(self.where.shares, self.p, strict=False))

    def along(self, chosen: Chosen, *, as_picked: bool = False) -> Walk:
        """Take every step of a choice, lower levels first or as picked; return the walk."""
        order, renewals = _in_order(self.ahead, chosen, as_picked=as_picked)
        way_of: dict[int, Numbers] = {}
        for k, pick in enumerate(chosen.picks):
            if k not in chosen.renewed:
                way = chosen.begun.get(k, pick)
                for m in pick:
                    way_of[m] = way
        then = self._foresee(order)
        for at, m in enumerate(order):
            if at in renewals:
                self._now += chosen.waits.get(renewals[at], 0.0)
                self._step(m, (m,), then, chosen.renewed[renewals[at]])
            else:
                self._step(m, way_of[m], then)
        self.modules = order
        return self

    def _foresee(self, order: Sequence[int]) -> Iterator[float]:
        """Give what completing modules in an order makes of each target of each; asked at once.

        What that is depends on nothing but the modules before it on the same skill.
        """
        aims = self.where.aims
        ends: dict[int, Numbers] = {}
        chains: list[tuple[int, Numbers]] = []
        for m in order:
            for i in aims[m]:
                row = ends[i] = (*ends[i], m) if i in ends else (m,)
                chains.append((i, row))
        return iter(self.ahead.outlook.foresee(chains))

    def _step(
        self, m: int, pick: Numbers, then: Iterator[float], renewed: Renewed | None = None
    ) -> None:
        """Complete a module in expectation, and say what for."""
        where, p, ceiling, lapsed = self.where, self.p, self._ceiling, self.lapsed
        minutes, shares, gain = where.minutes[m], where.shares, 0.0
        gains: dict[int, float] = {}
        self.elapsed_minutes += minutes
        self._now = now = self._now + minutes
        if self._proofs is not None:
            self._let_lapse(m, self._proofs)
        for i in where.aims[m]:
            before, after, share = p[i], next(then), shares[i]
            gains[i] = more = 0.0 if i in lapsed else after - before
            gain += share * more
            if before < ceiling:
                self.gain += share * ((after if after < ceiling else ceiling) - before)
            p[i] = after
        if lapsed:
            shown = enumerate(p[: self._n])
            self._at_targets = tuple([0.0 if i in lapsed else one for i, one in shown])
        elif gains:
            self._at_targets = tuple(p[: self._n])
        self._readiness = readiness = self._readiness + gain
        self.ends.append(now)
        ahead = self.ahead
        reason = self._renews(m, renewed) if renewed or self._lapses else None
        if reason is None:
            only_enables = gain <= MIN_GAIN and m != pick[-1]
            reason = enables(ahead, m, pick) if only_enables else raises(ahead, m, gain, gains)
        step = PathStep(
            where.modules[m].module_id,
            minutes,
            self.elapsed_minutes,
            readiness if readiness < 1.0 else 1.0,
            reason,
            self._at_targets,
            None if self._pace is None else self._pace.when(now),
        )
        self.steps.append(step)

    def _renews(self, m: int, renewed: Renewed | None) -> Reason | None:
        """Say what a module renews, where it does, or learns anew because it has expired by now."""
        lapses = self._lapses
        if renewed is not None and self._pace is not None:
            cause = "expires" if self._now <= renewed.expires + _ROUNDING else "expired"
            lapse = Lapse(cause, self._pace.when(renewed.expires), 1.0, 0.0)
            return keeps(self.where, renewed.target, lapse)
        for i in self.where.leads_to[m] if lapses else ():
            if i in lapses and i not in self._renewed:
                self._renewed.add(i)
                return keeps(self.where, i, lapses[i])
        return None

    def _let_lapse(self, m: int, proofs: Proofs) -> None:
        """Take out what has expired by now, and put back what a module proves anew."""
        for i in proofs.lapsing:
            if proofs.expires[i] + _ROUNDING < self._now and i not in self.lapsed:
                self.lapsed.add(i)
                self._readiness -= self.where.shares[i] * self.p[i]
        for i in proofs.complete(m, self._now):
            if i in self.lapsed:
                self.lapsed.discard(i)
                self._readiness += self.where.shares[i] * self.p[i]


def _in_order(
    ahead: Prospect, chosen: Chosen, *, as_picked: bool
) -> tuple[list[int], dict[int, int]]:
    """Return the modules of all picks in a row, and which places in it are picks that only renew.

    Lower levels come first, or all as it was picked; what renews something stays where it is.
    """
    order, renewals, picks = list[int](), dict[int, int](), list[tuple[int, ...]]()
    for k, pick in enumerate(chosen.picks):
        if k not in chosen.renewed:
            picks.append(pick)
            continue
        _append(ahead, picks, order, as_picked=as_picked)
        renewals[len(order)], picks = k, []
        order += pick
    _append(ahead, picks, order, as_picked=as_picked)
    return order, renewals


def _append(
    ahead: Prospect, picks: Sequence[Numbers], order: list[int], *, as_picked: bool
) -> None:
    """Append picks in a row; a lower level of a skill before a higher one picked with it earlier.

    What is reached so is at least as much. A module only moves up to where nothing it waits for
    is missing yet.
    """
    start, modules, higher_of = len(order), list(chain.from_iterable(picks)), ahead.where.higher
    if as_picked or not any(map(higher_of.__getitem__, modules)):
        order += modules
        return
    for m in modules:
        higher = higher_of[m]
        if not higher or higher.isdisjoint(order[start:]):
            order.append(m)
        else:
            at = next(k for k in range(start, len(order)) if order[k] in higher)
            order.insert(at if _could_come(ahead, m, order[:at]) else len(order), m)


def _could_come(ahead: Prospect, m: int, earlier: list[int]) -> bool:
    where, before = ahead.where, set(earlier)
    return all(ahead.now.done[b] or b in before for b in where.comes_after[m]) and all(
        not before.isdisjoint(where.led_to_by[k]) for k in ahead.found.waits[m]
    )
