"""What modules do to the targets of a role, as arrays that many learners share.

Along the levels of one skill a module moves P(z ≥ ℓ) by T_ℓ times what stands just below ℓ, lowest
level first, so its gain at a target is linear in the shares b_c = P(z ≥ c − 1) − P(z ≥ c) of those
who stand just below each level c:

    T_ℓ·b_ℓ + T_ℓ·T_{ℓ−1}·b_{ℓ−1} + …, as long as the module teaches the next lower level too.

Of a target whose level is uncertain it is the mean of that over the levels that may be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..domain.knowledge import KnowledgeState
from ..domain.skills import SkillLevel, UncertainLevel
from .projector import Projector, attained
from .role_map import needs_of
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Module
    from .role_map import RoleMap

__all__ = ["Learn", "ModuleArrays", "as_projected", "declared", "module_arrays"]

Learn = Callable[["Module", SkillLevel], float]
"""P(T) of a module at a skill and level."""


def declared(module: Module, reached: SkillLevel) -> float:
    """Return P(T) as the module itself declares it."""
    return next(effect.learn for effect in module.teaches if effect.reached == reached)


def as_projected(projector: Projector, curriculum: Curriculum) -> Learn:
    """Return P(T) as a projector foresees it for somebody without evidence.

    That is (p after − p) / (just below after − p): exact for Bayesian knowledge tracing, and for a
    model that is not linear what holds for a newcomer. What the module declares stands in where
    nobody is below the level.
    """
    newcomer = KnowledgeState("")

    def learn(module: Module, reached: SkillLevel) -> float:
        lower = just_below(curriculum, reached)
        asked = [reached] if lower is None else [reached, lower]
        (p, *_), (after, *below) = (
            attained(projector, state, asked)
            for state in (newcomer, projector.project(newcomer, module))
        )
        room = (below[0] if below else 1.0) - p
        return declared(module, reached) if room <= MIN_GAIN else min((after - p) / room, 1.0)

    return learn


def just_below(curriculum: Curriculum, one: SkillLevel) -> SkillLevel | None:
    """Return the next lower level of a skill that some item or module mentions, if there is one."""
    levels = [k for k in curriculum.levels_of(one.skill_id) if k < one.level]
    return SkillLevel(one.skill_id, levels[-1]) if levels else None


@dataclass(frozen=True, eq=False)
class ModuleArrays:
    """The modules that advance a target, in the order of their ids.

    A module has up to `n_pairs` targets that it advances, each with up to `n_terms` linear terms;
    what is not used is padded with coefficients of zero and with a gate that is always open.

    Parameters
    ----------
    columns : tuple of SkillLevel
        Everything whose attainment is read; the targets first, uncertain levels as such.
    below : ndarray of int, shape (n_columns,)
        The column just below each; n_columns where there is none.
    modules : tuple of Module
    minutes : ndarray, shape (n_modules,)
    target : ndarray of int, shape (n_modules, n_pairs)
    coefficient : ndarray, shape (n_modules, n_pairs, n_terms)
    column : ndarray of int, shape (n_modules, n_pairs, n_terms)
    gate : ndarray of int, shape (n_modules, n_effects)
    gates : tuple of tuple of int
        Each as the columns that have to be met; the last one asks for nothing.
    pair_gate : ndarray of int, shape (n_modules, n_pairs)
        The gate of the effect that advances the target.
    """

    columns: tuple[SkillLevel, ...]
    below: NDArray[np.int64]
    modules: tuple[Module, ...]
    minutes: NDArray[np.float64]
    target: NDArray[np.int64]
    coefficient: NDArray[np.float64]
    column: NDArray[np.int64]
    gate: NDArray[np.int64]
    gates: tuple[tuple[int, ...], ...]
    pair_gate: NDArray[np.int64]

    @cached_property
    def number(self) -> dict[str, int]:
        """The modules' numbers by their id."""
        return {module.module_id: m for m, module in enumerate(self.modules)}

    def open_modules(
        self, completed: Collection[str], allowed: Collection[str] | None, denied: Collection[str]
    ) -> NDArray[np.bool_]:
        """Return which modules may be taken, shape (n_modules,); prerequisites are not asked of."""
        found = np.full(len(self.modules), allowed is None)
        found[self._numbers(allowed or ())] = True
        found[self._numbers((*completed, *denied))] = False
        for m in self._with_requirements:
            found[m] &= set(self.modules[m].requires).issubset(completed)
        return found

    @cached_property
    def _with_requirements(self) -> list[int]:
        return [m for m, module in enumerate(self.modules) if module.requires]

    def _numbers(self, ids: Collection[str]) -> list[int]:
        return [self.number[one] for one in ids if one in self.number]


class _Pair(NamedTuple):
    target: int
    gate: int
    terms: dict[int, float]  # by column


def module_arrays(where: RoleMap, learn: Learn = declared) -> ModuleArrays:
    """Lay out what every module that is not retired does to the targets of a role."""
    reading = _Reading(where, learn)
    rows = [(module, reading.pairs(module)) for module in where.modules if not module.retired]
    rows = [(module, pairs) for module, pairs in rows if pairs]
    gates = [reading.gates_of(module) for module, _ in rows]
    pairs = [found for _, found in rows]
    always, below = len(reading.gates), reading.below()
    terms = [[list(pair.terms.values()) for pair in found] for found in pairs]
    columns = [[list(pair.terms) for pair in found] for found in pairs]
    n_pairs = max((len(found) for found in pairs), default=1)
    n_terms = max((len(pair.terms) for found in pairs for pair in found), default=1)
    return ModuleArrays(
        columns=tuple(reading.columns),
        below=np.array(below, np.int64),
        modules=tuple(module for module, _ in rows),
        minutes=np.array([module.minutes for module, _ in rows], np.float64),
        target=_padded([[pair.target for pair in found] for found in pairs], n_pairs, 0),
        coefficient=_twice_padded(terms, n_pairs, n_terms, np.float64),
        column=_twice_padded(columns, n_pairs, n_terms, np.int64),
        gate=_padded(gates, max(map(len, gates), default=1), always),
        gates=(*reading.gates, ()),
        pair_gate=_padded([[pair.gate for pair in found] for found in pairs], n_pairs, always),
    )


class _Reading:
    """Numbers for columns and gates, handed out as modules ask for them."""

    def __init__(self, where: RoleMap, learn: Learn) -> None:
        self._curriculum, self._learn = where.curriculum, learn
        self.columns = list(where.wanted[: len(where.role.targets)])
        self._column: dict[SkillLevel, int] = {one: i for i, one in enumerate(self.columns)}
        self.gates: dict[tuple[int, ...], int] = {}
        self._aimed_at: dict[SkillLevel, dict[int, float]] = {}
        for i, one in enumerate(self.columns):
            for level, share in _meant(one):
                of_level = self._aimed_at.setdefault(self._next(level), {})
                of_level[i] = of_level.get(i, 0.0) + share
        self._lower: dict[SkillLevel, SkillLevel | None] = {}

    def _next(self, wanted: SkillLevel) -> SkillLevel:
        """Return the level that an asked one counts as: the next that there is."""
        levels = (k for k in self._curriculum.levels_of(wanted.skill_id) if k >= wanted.level)
        return SkillLevel(wanted.skill_id, next(levels, wanted.level))

    def _just_below(self, one: SkillLevel) -> SkillLevel | None:
        if one not in self._lower:
            self._lower[one] = just_below(self._curriculum, one)
        return self._lower[one]

    def _number(self, one: SkillLevel) -> int:
        if one not in self._column:
            self._column[one] = len(self.columns)
            self.columns.append(one)
        return self._column[one]

    def below(self) -> list[int]:
        """Return the column just below each, adding those that are missing, down to the lowest."""
        found = list[int]()
        for one in self.columns:  # which grow on the way
            is_certain = not isinstance(one, UncertainLevel)  # no term reads any other
            lower = self._just_below(self._next(one)) if is_certain else None
            found.append(-1 if lower is None else self._number(lower))
        return [len(found) if k < 0 else k for k in found]

    def pairs(self, module: Module) -> list[_Pair]:
        found: dict[int, _Pair] = {}
        for effect in module.teaches:
            for i, share in self._aimed_at.get(effect.reached, {}).items():
                is_certain = not isinstance(self.columns[i], UncertainLevel)
                column = i if is_certain else self._number(effect.reached)
                terms = list(self._terms(module, effect.reached, column))
                if terms[0][0] > 0.0:
                    pair = found.setdefault(i, _Pair(i, self._gate(module, effect.reached), {}))
                    for coefficient, k in terms:
                        pair.terms[k] = pair.terms.get(k, 0.0) + share * coefficient
        return list(found.values())

    def _terms(
        self, module: Module, reached: SkillLevel, column: int
    ) -> Iterator[tuple[float, int]]:
        """Give coefficient and column, from the target's level down; the target's comes first."""
        taught = {effect.reached for effect in module.teaches}
        one: SkillLevel | None = reached
        product = 1.0
        while one is not None and one in taught:
            product *= self._learn(module, one)
            yield product, column
            one = self._just_below(one)
            column = -1 if one is None or one not in taught else self._number(one)

    def gates_of(self, module: Module) -> list[int]:
        return [self._gate(module, effect.reached) for effect in module.teaches]

    def _gate(self, module: Module, reached: SkillLevel) -> int:
        needs = set(needs_of(self._curriculum, module))
        needs &= set(self._curriculum.requirements(reached))
        asked = tuple(sorted(self._number(one) for one in needs))
        return self.gates.setdefault(asked, len(self.gates))


def _meant(one: SkillLevel) -> Iterator[tuple[SkillLevel, float]]:
    """Give the levels that a target may mean, and how likely each is."""
    if isinstance(one, UncertainLevel):
        yield from ((level, p) for level, (_, p) in zip(one.meant, one.shares, strict=True))
    else:
        yield one, 1.0


def _padded(rows: Sequence[Sequence[int]], width: int, filling: int) -> NDArray[np.int64]:
    table = np.full((len(rows), width), filling, np.int64)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


def _twice_padded(
    rows: Sequence[Sequence[Sequence[float]]], width: int, depth: int, dtype: type
) -> NDArray[Any]:
    table: NDArray[Any] = np.zeros((len(rows), width, depth), dtype)
    for row, lists in zip(table, rows, strict=True):
        for cells, values in zip(row, lists, strict=False):
            cells[: len(values)] = values
    return table
