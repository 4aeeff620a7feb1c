"""One learner's best modules, read off the heads of the lists in plain Python.

For one learner the arrays of :mod:`.worth` cost more in calls than in arithmetic. So the lists are
read one after the other, the highest bound first, each as far as it can still hold one of the best;
some tens of modules are looked at. Where that does not come to an end soon, the arrays are faster.
The arithmetic is theirs, operation by operation, so that the scores are the same to the last bit.
"""

from __future__ import annotations

from heapq import heappush, heapreplace
from typing import TYPE_CHECKING

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .threshold import Lists
    from .worth import Card, View, Worth

__all__ = ["Shortlist"]

_LISTS = 48  # read at most
_PATIENCE = 400  # modules looked at at most
_SLACK = 1.0 + 1e-9  # for rounding in bounds

Best = list[tuple[float, int]]
_Row = list[tuple[int, float, float, float]]


class Shortlist:
    """The lists of an index, to be read for one learner at a time.

    Parameters
    ----------
    lists : Lists
    worth : Worth
    """

    def __init__(self, lists: Lists, worth: Worth) -> None:
        self._lists, self._worth = lists, worth
        self._cards: dict[int, Card] = {}  # as far as asked for
        self._columns, self._targets = lists.column.tolist(), lists.target.tolist()
        # module, rate, and of those with one term and their list's gate: coefficient, minutes
        self._rows: list[_Row] = [
            [
                (m, rate, self._alone(m) if one else 0.0, worth.minutes.item(m))
                for m, rate, one in row
            ]
            for row in lists.rows()
        ]

    def best(self, view: View, limit: int) -> Best | None:
        """Return scores below 0 and modules, the best first; None where it would take long.

        Parameters
        ----------
        view : View
            Of one learner.
        limit : int
        """
        cards, one, left = self._cards, view.of_one(), _PATIENCE
        below_of, room_of, may_take, bonus_of, most_bonus = one
        heap: list[tuple[float, int]] = []
        seen, least = set[int](), 0.0
        places, units, is_all = self._highest(view)
        for place, unit in zip(places, units, strict=True):
            row = self._rows[place]
            if unit <= 0.0 or unit * row[0][1] + most_bonus < least:
                return _sorted(heap)
            below, room = below_of(self._columns[place]), room_of(self._targets[place])
            for m, rate, coefficient, minutes in row:
                if unit * rate + most_bonus < least:
                    break
                left -= 1
                if left < 0:
                    return None
                if coefficient:
                    lift = below * coefficient
                    gain = lift if lift < room else room
                elif m in seen:
                    continue
                else:
                    seen.add(m)
                    gain = view.gain_of_one(one, cards.get(m) or self._card(m))
                if gain <= MIN_GAIN or not (may_take is None or may_take[m]):
                    continue
                score = gain / minutes if bonus_of is None else gain / minutes + bonus_of.item(m)
                if len(heap) < limit:
                    heappush(heap, (score, -m))
                elif (score, -m) > heap[0]:
                    heapreplace(heap, (score, -m))
                if len(heap) == limit:
                    least = heap[0][0]
        return _sorted(heap) if is_all else None

    def _highest(self, view: View) -> tuple[list[int], list[float], bool]:
        """Return the lists with the highest bounds, what one unit of each is worth, if all."""
        lists = self._lists
        factor = view.factors(lists.column, lists.gate, lists.share)[0]
        most = factor * lists.first
        n = min(_LISTS, len(most))
        top = most.argpartition(len(most) - n)[-n:] if n < len(most) else np.arange(n)
        top = top[(-most[top]).argsort()]
        return top.tolist(), (factor[top] * _SLACK).tolist(), n == len(most)

    def _alone(self, m: int) -> float:
        """Return the coefficient of a module's only term."""
        ((_, ((coefficient, _),)),) = self._card(m)[1]
        return coefficient

    def _card(self, m: int) -> Card:
        worth = self._worth
        every = len(worth.gates) - 1  # the gate that is always open
        gates = tuple(gate for gate in worth.gate[m].tolist() if gate != every)
        pairs = []
        for pair, target in enumerate(worth.target[m].tolist()):
            terms = tuple(
                (coefficient.item(m, pair), column.item(m, pair))
                for coefficient, column in worth.terms
                if coefficient.item(m, pair)
            )
            if terms:
                pairs.append((target, terms))
        card = self._cards[m] = gates, tuple(pairs)
        return card


def _sorted(heap: list[tuple[float, int]]) -> Best:
    return sorted((-score, -m) for score, m in heap)
