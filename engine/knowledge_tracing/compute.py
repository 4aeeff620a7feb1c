"""Which passes run: the compiled ones where numba is installed, else the reference in numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from . import replay as reference
from . import smoothing
from .sequences import Chunks
from .threads import WORTH_SHARING, share, usual_number
from .units import Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ascent import Ascent
    from .forest import Forest
    from .layout import Layout
    from .sequences import Sequences
    from .tables import Tables
    from .tasks import Tasks
    from .whole_climbs import Evidence

    Array = NDArray[np.float64]

__all__ = [
    "Compiled",
    "Packed",
    "Passes",
    "Reference",
    "fastest_passes",
    "p_start_of",
]

_AT_A_TIME = 32  # passes of a climb for which there is room
_USUAL = 8  # as many as it takes


@dataclass(frozen=True)
class Packed:
    """What answers count for, in the order that compiled passes take them in.

    Parameters
    ----------
    values : ndarray, shape (n_pairs,)
    """

    values: Array


class Passes(Protocol):
    """The two passes over a log that fitting and predicting are made of.

    Attributes
    ----------
    merges : bool
        Whether a pass needs no more of equal histories than how many there are.
    """

    merges: bool

    def packed(self, weight: Array, sequences: Sequences, /) -> Any:
        """Return what answers count for as these passes take it best, to pass over it often."""

    def expected_counts(
        self,
        weight: Any,
        sequences: Sequences,
        tasks: Tasks,
        theta: Array,
        which: NDArray[np.int64],
    ) -> tuple[Array, Array]:
        """Return counts, shape (n_rows, 5, 2), and log-likelihoods, shape (len(which),).

        What answers count for is asked for in the order of the sequences, or packed before.
        """

    def climb(
        self, weight: Any, sequences: Sequences, tasks: Tasks, ascent: Ascent, most: int
    ) -> Array:
        """Let those tasks climb for `most` passes that can be done as one piece of work each.

        Returns
        -------
        ndarray, shape (n_passes, n_tasks)
            The highest objective at each pass; NaN of tasks that have stopped, or did not begin.
        """

    def replay(self, layout: Layout, p_start: Array, tables: Tables) -> tuple[Array, Array]:
        """Return predictions and credits, as :func:`replay.replay` does."""


class Reference:
    """The passes in numpy and plain Python."""

    merges = False

    def packed(self, weight: Array, _sequences: Sequences, /) -> Array:
        return weight

    def expected_counts(
        self,
        weight: Array,
        sequences: Sequences,
        tasks: Tasks,
        theta: Array,
        which: NDArray[np.int64],
    ) -> tuple[Array, Array]:
        counts = np.zeros((len(theta), 5, 2))
        log_likelihood = np.zeros(len(which))
        for i, j in enumerate(which):
            k, rows = tasks.skill[j], slice(tasks.row[j], tasks.row[j] + tasks.n_levels[j])
            start = sequences.start[sequences.skill_start[k] : sequences.skill_start[k + 1] + 1]
            counts[rows], log_likelihood[i] = smoothing.expected_counts(
                weight, sequences.rank, start, theta[rows]
            )
        return counts, log_likelihood

    def climb(
        self, _weight: Array, _sequences: Sequences, tasks: Tasks, _ascent: Ascent, _most: int
    ) -> Array:
        return np.empty((0, len(tasks)))

    def replay(self, layout: Layout, p_start: Array, tables: Tables) -> tuple[Array, Array]:
        return reference.replay(layout, p_start, tables)


class Compiled:
    """The passes compiled by numba, over many learners at a time.

    Skills of one level are passed over by :mod:`.two_states`, merged where histories are equal
    (:attr:`Sequences.forest`) unless other skills have a say in what their answers are worth.

    Parameters
    ----------
    threads : int, optional
        As many as numba takes by default, wherever the pass is done: what ``NUMBA_NUM_THREADS``
        says there, else one per core.
        The results are the same to the last bit for any number of them.
    """

    merges = True

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads

    def packed(self, weight: Array, sequences: Sequences, /) -> Packed:
        return Packed(sequences.packed(weight))

    def expected_counts(
        self,
        weight: Array | Packed,
        sequences: Sequences,
        tasks: Tasks,
        theta: Array,
        which: NDArray[np.int64],
    ) -> tuple[Array, Array]:
        from . import kernels, two_states

        counts, log_likelihood = np.zeros((len(theta), 5, 2)), np.zeros(len(which))
        skill, row, n_levels = tasks.skill[which], tasks.row[which], tasks.n_levels[which]
        forest = sequences.forest

        def count(
            here: NDArray[np.bool_], pieces: Forest | Chunks, kernel: Callable[..., None], *of: Any
        ) -> None:
            task = np.flatnonzero(here)
            if not len(task):
                return
            units = Units.of(
                task, skill[task], row[task], n_levels[task], pieces.skill_start, pieces.size
            )
            found, likely = units.nothing()
            self._share(
                lambda low, high: kernel(
                    *of, units.piece, units.rows, theta, low, high, found, likely
                ),
                units.size,
            )
            units.sum_up(found, likely, counts, log_likelihood)

        merged, ordinal = sequences.is_merged[skill], n_levels > 1
        nodes = (forest.parent, forest.ends)
        runs = (forest.step_start, forest.run_start, forest.run_score, forest.block_start)
        count(merged, forest, two_states.count_prefixes, *nodes, *runs)
        if not merged.all():
            packed = self._values(weight, sequences)
            chunks, start, rank = sequences.chunks, sequences.start, sequences.rank
            lanes = (start, chunks.lane, chunks.start)
            count(~merged & ~ordinal, chunks, two_states.count_side_by_side, packed, *lanes)
            count(ordinal, chunks, kernels.count_ordinal, packed, rank, start, chunks.start)
        return counts, log_likelihood

    def climb(
        self, weight: Any, sequences: Sequences, tasks: Tasks, ascent: Ascent, most: int
    ) -> Array:
        from .whole_climbs import climb_on

        size = np.where(sequences.is_merged, sequences.n_nodes, sequences.n_responses)
        small = np.flatnonzero(size[tasks.skill] <= WORTH_SHARING)
        evidence = self._evidence(weight, sequences)
        found = [np.empty((0, len(tasks)))]

        def go_on(low: int, high: int) -> None:
            state, tolerance, trace = ascent.state, ascent.tolerance, found[-1]
            climb_on(evidence, tasks.skill, small, low, high, state, tolerance, trace)

        while (n := sum(map(len, found))) < most and ascent.state.climbing[small].any():
            found.append(np.full((min(_AT_A_TIME, most - n), len(tasks)), np.nan))
            self._share(go_on, size[tasks.skill[small]] * _USUAL)
        whole = np.concatenate(found)
        return whole[: int(np.max((~np.isnan(whole)).sum(axis=0), initial=0))]

    def _share(self, work: Callable[[int, int], None], size: NDArray[np.int64]) -> None:
        share(work, size, usual_number() if self.threads is None else self.threads)

    def _evidence(self, weight: Any, sequences: Sequences) -> Evidence:
        from .whole_climbs import Evidence

        forest, none = sequences.forest, np.zeros(0, np.int64)
        chunks, packed = Chunks(np.zeros_like(forest.skill_start), none, none, none), np.zeros(0)
        if not sequences.is_merged.all():
            chunks, packed = sequences.chunks, self._values(weight, sequences)
        return Evidence(
            skill_block=forest.skill_start,
            block_start=forest.block_start,
            step_start=forest.step_start,
            run_start=forest.run_start,
            run_score=forest.run_score,
            parent=forest.parent,
            ends=forest.ends,
            skill_chunk=chunks.skill_start,
            chunk_start=chunks.start,
            lane=chunks.lane,
            start=sequences.start,
            rank=sequences.rank,
            packed=packed,
        )

    def _values(self, weight: Array | Packed, sequences: Sequences) -> Array:
        if weight is sequences.score:
            return sequences.packed_score
        return weight.values if isinstance(weight, Packed) else sequences.packed(weight)

    def replay(self, layout: Layout, p_start: Array, tables: Tables) -> tuple[Array, Array]:
        from . import kernels

        p_correct, credit = np.empty(len(layout.score)), np.empty(len(layout.pair_skill))
        kernels.replay(
            layout.learner,
            layout.score,
            layout.pair_start,
            layout.pair_skill,
            layout.pair_rank,
            layout.pair_noise,
            layout.pair_effect,
            layout.pair_days,
            layout.row_start,
            p_start,
            tables.theta,
            tables.noise,
            tables.effect,
            tables.decay,
            p_correct,
            credit,
        )
        return p_correct, credit


def fastest_passes() -> Passes:
    """Return the compiled passes where numba can be imported, else the reference."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return Reference()
    return Compiled()


def p_start_of(theta: Array, row_start: Sequence[int] | NDArray[np.int64]) -> Array:
    """Return P(z ≥ level) at the start for each row: the running product of a skill's priors."""
    p_start = theta[:, 0].copy()
    first = np.zeros(len(theta), dtype=np.bool_)
    first[np.asarray(row_start)[:-1]] = True
    for row in np.flatnonzero(~first).tolist():
        p_start[row] *= p_start[row - 1]
    return p_start
