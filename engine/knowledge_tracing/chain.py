"""The level chain of one skill: its levels with all their parameters, ready for the filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..domain.framework import SkillLevel
from .parameters import LevelParameters, SkillParameters, parameters_by_rank

__all__ = ["LevelChain", "resolve_levels"]


@dataclass(frozen=True, slots=True)
class LevelChain:
    """The levels of one skill as the filter walks over them.

    Parameters
    ----------
    levels : tuple of int
        Lowest first.
    p_start : tuple of float, shape (n_levels,)
        P(z ≥ each level) before any evidence.
    parameters : tuple of LevelParameters, shape (n_levels,)
    prior_above : float
        P(a level above all of `levels` attained | the highest of them attained).

    Examples
    --------
    >>> from .parameters import DEFAULT_PARAMETERS
    >>> LevelChain.of((1, 2), {}, [DEFAULT_PARAMETERS]).p_start
    (0.5, 0.25)
    """

    levels: tuple[int, ...]
    p_start: tuple[float, ...]
    parameters: tuple[LevelParameters, ...]
    prior_above: float

    @classmethod
    def of(
        cls,
        levels: Iterable[int],
        fitted: SkillParameters,
        pooled: Sequence[LevelParameters],
    ) -> LevelChain:
        """Make the chain of `levels` and of those fitted; the rest is filled in by pooling."""
        ordered = tuple(sorted({*levels, *fitted})) or (1,)
        parameters = tuple(
            fitted.get(level) or parameters_by_rank(pooled, rank)
            for rank, level in enumerate(ordered)
        )
        p_fitted: dict[int, float] = {}
        p = 1.0
        for level in sorted(fitted):
            p *= fitted[level].prior
            p_fitted[level] = p
        priors = [one.prior for one in parameters]
        p_start = _filled(ordered, p_fitted, priors)
        return cls(ordered, p_start, parameters, parameters_by_rank(pooled, len(ordered)).prior)

    def skill_levels(self, skill_id: str) -> tuple[SkillLevel, ...]:
        """Return the levels as those of a skill."""
        return tuple(SkillLevel(skill_id, level) for level in self.levels)

    def rank(self, level: int) -> int:
        """Return the place of a level; one between two counts as the next above it.

        A level above all is counted as the highest, for there is nothing closer.
        """
        for rank, one in enumerate(self.levels):
            if level <= one:
                return rank
        return len(self.levels) - 1

    def share(self, level: int) -> float:
        """Return P(z ≥ level | z ≥ the level that it counts as).

        A level between two counts as the next above it, which implies it; a level above all takes
        one more step, with the prior of a level on top.
        """
        return self.prior_above if level > self.levels[-1] else 1.0

    def adopt(self, levels: Sequence[int], p_at_least: Sequence[float]) -> tuple[float, ...]:
        """Return a belief about other levels as one about this chain's levels.

        Levels known on both sides keep their probability; new ones are filled in from the start,
        given what is known of their neighbours.
        """
        known = dict(zip(levels, p_at_least, strict=True))
        kept = {level: known[level] for level in self.levels if level in known}
        conditional: list[float] = []
        low = 1.0
        ranks = {level: rank for rank, level in enumerate(self.levels)}
        for rank, level in enumerate(self.levels):
            high = next((self.p_start[ranks[m]] for m in kept if m > level), 0.0)
            mass = low - high
            conditional.append((self.p_start[rank] - high) / mass if mass > 0.0 else 0.0)
            low = self.p_start[rank]
        return _filled(self.levels, kept, conditional)


def _filled(
    levels: Sequence[int], known: Mapping[int, float], conditional: Sequence[float]
) -> tuple[float, ...]:
    """Fill in P(z ≥ ℓ) of the levels not known, between their known neighbours.

    P(z ≥ ℓ) = p_high + (p_low − p_high)·P(z ≥ ℓ | low ≤ z < high).
    """
    filled: list[float] = []
    low = 1.0
    for level, share in zip(levels, conditional, strict=True):
        if level in known:
            low = min(known[level], low)
        else:
            high = next((known[m] for m in levels if m > level and m in known), 0.0)
            low = high + max(low - high, 0.0) * share
        filled.append(low)
    return tuple(filled)


def resolve_levels(known: Iterable[int], asked: Iterable[int]) -> tuple[int, ...]:
    """Return the levels to tell apart: those known, and those asked for above all of them.

    Examples
    --------
    >>> resolve_levels((2, 4), (1, 3, 5))
    (2, 4, 5)
    >>> resolve_levels((), (3, 1))
    (1, 3)
    """
    kept = tuple(sorted(set(known)))
    top = kept[-1] if kept else 0
    return (*kept, *sorted(level for level in set(asked) if level > top))
