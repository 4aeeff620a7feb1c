"""The modules that lost, why, and what would have put them first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..domain.recommendations import Alternative
from .explanation import reached
from .scoring import ScoreWeights, score_terms

if TYPE_CHECKING:
    from .prospect import Prospect
    from .routes import Route

__all__ = ["Scored", "alternatives"]

_ROUNDING = 1e-12
_SHORTEST = 1.0  # minutes; what would have to be shorter still is not said

Scored = tuple[int, Mapping[str, float]]
"""A module and the terms of its score."""


def alternatives(
    ahead: Prospect,
    ranked: Sequence[Scored],
    best: Mapping[int, Route],
    weights: ScoreWeights,
    ranked_in: Callable[[Prospect], Sequence[Scored]],
    *,
    first: int,
    limit: int,
) -> tuple[Alternative, ...]:
    """Return what lost to the first: what waits for one thing only, then the next in rank.

    Parameters
    ----------
    ahead : Prospect
    ranked : sequence of (int, mapping of str to float)
        All modules that score, with their terms, best first.
    best : mapping of int to Route
        The best route that starts with each of them.
    weights : ScoreWeights
    ranked_in : callable
        From other choices to all modules that would score in them, best first.
    first : int
        The place of the first module in `ranked` that is not recommended.
    limit : int
        How many at most.
    """
    if not ranked or limit <= 0:
        return ()
    top = sum(ranked[0][1].values())
    closest = sorted(_waiting(ahead, weights, top))[:limit]
    waiting = [
        _had_it(ahead, m, k, -less) for less, m, k in closest if _first(ahead, m, k, ranked_in)
    ]
    winner = ahead.where.modules[ranked[0][0]].label
    runners_up = [
        _runner_up(ahead, m, sum(terms.values()), best[m], weights, top, winner)
        for m, terms in ranked[max(first, 1) : first + limit]
    ]
    return tuple([*waiting, *runners_up][:limit])


def _waiting(
    ahead: Prospect, weights: ScoreWeights, top: float
) -> Iterator[tuple[float, int, int]]:
    """Give what waits for one prerequisite and might come first with it: -score, module, wanted.

    What it needs belongs to another skill than what it teaches, so its gain would be the same.
    """
    where, found, now = ahead.where, ahead.found, ahead.now
    for m in found.order:
        (k, *further) = found.waits[m] or (-1,)
        if k not in where.needs[m] or further or where.wanted[k].skill_id in where.taught[m]:
            continue
        if not where.aims[m] or not all(now.done[b] for b in where.comes_after[m]):
            continue
        direct = ahead.outlook.truncated_gain((m,)) / where.minutes[m]
        score = sum(score_terms(weights, direct, direct, ahead.shares(m)).values())
        if score > top + _ROUNDING:
            yield -score, m, k


def _first(
    ahead: Prospect, m: int, k: int, ranked_in: Callable[[Prospect], Sequence[Scored]]
) -> bool:
    """Whether a module would come first if something wanted were met; the rest stays as it is."""
    met, begun = list(ahead.now.met), list(ahead.now.begun)
    met[k] = begun[k] = True
    ranked = ranked_in(replace(ahead, now=replace(ahead.now, met=met, begun=begun)))
    return bool(ranked) and ranked[0][0] == m


def _had_it(ahead: Prospect, m: int, k: int, score: float) -> Alternative:
    where, module = ahead.where, ahead.where.modules[m]
    sentence = (
        f"“{module.label}” would come first if you had {reached(where, where.wanted[k])},"
        f" which stands at {ahead.now.p[k]:.0%}."
    )
    return Alternative(module.module_id, score, sentence)


def _runner_up(
    ahead: Prospect,
    m: int,
    score: float,
    route: Route,
    weights: ScoreWeights,
    top: float,
    winner: str,
) -> Alternative:
    module, minutes = ahead.where.modules[m], ahead.where.minutes[m]
    lost = (
        f"“{module.label}” brings {_a_minute(score)} a minute, “{winner}” {_a_minute(top)}"
        if score < top - _ROUNDING
        else f"“{module.label}” brings as much a minute as “{winner}”"
    )
    gain, rest = ahead.outlook.truncated_gain((m,)), route.minutes - minutes
    enough = max(gain / top, route.gain / top - rest)

    def scored(length: float) -> float:
        terms = score_terms(weights, gain / length, route.gain / (rest + length), ahead.shares(m))
        return sum(terms.values())

    if enough < _SHORTEST or enough >= minutes or scored(enough) < top - _ROUNDING:
        return Alternative(module.module_id, score, f"{lost}.")
    sentence = (
        f"{lost}; it would come first if it took {enough:.1f} minutes instead of {minutes:g}."
    )
    return Alternative(module.module_id, score, sentence)


def _a_minute(score: float) -> str:
    return f"{100.0 * score:.2f} points"
