"""A short list of several formats: each more of one format counts a little less.

A maximal marginal relevance in the manner of Carbonell & Goldstein (1998), over the formats of
modules: places are filled one after the other, each with what scores best beside what the list
holds already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .alternatives import Scored

__all__ = ["varied"]


def varied(
    ranked: Sequence[Scored], formats: Sequence[str], weight: float, limit: int
) -> list[Scored]:
    """Return the same modules, the first `limit` places filled with regard to their formats.

    A module of a format that the list holds n times already gets a term ``variety`` of
    -weight·worth·n / (n + 1), where its worth is what it gains and enables: it never loses more
    than that share of its worth, and scores still fall from place to place.

    Parameters
    ----------
    ranked : sequence of (int, mapping of str to float)
        Modules with the terms of their scores, best first.
    formats : sequence of str
        Of every module, by number; of one without a format there is no more of the same.
    weight : float
        From 0 to 1.
    limit : int

    Examples
    --------
    >>> ranked = [(m, {"gain": gain, "enables": 0.0}) for m, gain in enumerate([1.0, 0.9, 0.8])]
    >>> [m for m, _ in varied(ranked, ["video", "video", "lesson"], 0.5, 3)]
    [0, 2, 1]
    """
    if not weight:
        return list(ranked)
    chosen: list[Scored] = []
    left, held = list(ranked), Counter[str]()
    while left and len(chosen) < limit:
        best = _best(left, formats, held, weight)
        m, terms = left.pop(best)
        less = _less(terms, held[formats[m]], weight)
        chosen.append((m, {**terms, "variety": -less} if less else terms))
        if formats[m]:
            held[formats[m]] += 1
    return chosen + left


def _best(left: Sequence[Scored], formats: Sequence[str], held: Counter[str], weight: float) -> int:
    """Return the place of what scores best beside what is held; the earlier one of equals."""
    place, most = 0, float("-inf")
    for k, (m, terms) in enumerate(left):
        score = sum(terms.values())
        if score <= most:  # and so are all that follow
            break
        rest = score - _less(terms, held[formats[m]], weight)
        if rest > most:
            place, most = k, rest
    return place


def _less(terms: Mapping[str, float], n: int, weight: float) -> float:
    return weight * (terms["gain"] + terms["enables"]) * n / (n + 1)
