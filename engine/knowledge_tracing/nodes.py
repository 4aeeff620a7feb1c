"""The E-step over the nodes of a trait: each sequence counted at each node, then weighed.

A learner's node is one for all skills, so what a sequence counts for at a node depends on the
learner. Every sequence is therefore passed over as if it were a skill of its own, at each node in
turn; the counts are summed with the learner's distribution over the nodes as weights.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .compute import Passes, p_start_of
from .event_counts import EventCounts, count_events
from .tables import Tables
from .traits import NODE_WEIGHTS, NODES, node_shares, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout
    from .sequences import Sequences

    Array = NDArray[np.float64]

__all__ = ["ByNode", "Expectations", "Together"]


class Expectations(NamedTuple):
    """What an E-step expects.

    Parameters
    ----------
    counts : EventCounts
        Over all nodes. The log-likelihoods are the skills', as the nodes are believed in.
    by_node : ndarray, shape (n_nodes, n_levels, 2, 2)
        Of prior and learn at each node: how often they happened, and did not.
    log_likelihood : float
        Of all answers.
    """

    counts: EventCounts
    by_node: Array
    log_likelihood: float


class Together:
    """The E-step where learners do not differ: one node, all learners at it.

    Parameters
    ----------
    layout, sequences : Layout, Sequences
    passes : Passes
    """

    nodes: tuple[float, ...] = (0.0,)
    node_weights: tuple[float, ...] = (1.0,)

    def __init__(self, layout: Layout, sequences: Sequences, passes: Passes) -> None:
        self.layout, self.sequences, self.passes = layout, sequences, passes

    def weigh(self, tables: Tables) -> Array:
        """Return the scores, credited to the skills under `tables`, in the sequences' order."""
        layout = self.layout
        if not layout.has_conjunctions:
            return layout.score[layout.pair_response[self.sequences.pair]]
        p_start = p_start_of(tables.theta, layout.row_start)
        _, credit = self.passes.replay(layout, p_start, tables)
        return credit[self.sequences.pair]

    def expect(self, weight: Array, tables: Tables) -> Expectations:
        """Return what is expected under `tables`, the scores credited as they are in `weight`."""
        counts = count_events(weight, self.sequences, self.layout, tables)
        return Expectations(counts, counts.level[None, :, :2], float(counts.log_likelihood.sum()))


class ByNode(Together):
    """The E-step where each learner has a trait."""

    nodes = NODES
    node_weights = NODE_WEIGHTS

    def weigh(self, tables: Tables) -> Array:
        """Return the credits at each node, shape (n_nodes, n_pairs)."""
        return np.stack([super(ByNode, self).weigh(_at(tables, node)) for node in self.nodes])

    def expect(self, weight: Array, tables: Tables) -> Expectations:
        """Return what is expected under `tables`, weighed by each learner's nodes."""
        there = [_at(tables, node) for node in self.nodes]
        share, log_likelihood = self._shares(there)
        total = _nothing(tables)
        by_node = np.zeros((len(there), len(tables.theta), 2, 2))
        for node, at in enumerate(there):
            before = total.level[:, :2].copy()
            self._add(total, weight[node], share[node], at)
            by_node[node] = total.level[:, :2] - before
        return Expectations(total, by_node, log_likelihood)

    def _shares(self, there: list[Tables]) -> tuple[Array, float]:
        """Return each sequence's distribution over the nodes, and the log-likelihood of all."""
        layout = self.layout
        p_correct = [
            self.passes.replay(layout, p_start_of(one.theta, layout.row_start), one)[0]
            for one in there
        ]
        score = np.where(layout.response >= 0, layout.score, 1.0)
        share, log_likelihood = node_shares(np.stack(p_correct), score, layout.learner)
        return share[:, self._who], float(log_likelihood.sum())

    @cached_property
    def _who(self) -> NDArray[np.int64]:
        """The learner of each sequence, numbered in the order of the layout."""
        number: NDArray[np.int64] = np.cumsum(
            np.diff(self.layout.learner, prepend=self.layout.learner[:1]) != 0
        )
        event = self.layout.pair_response[self.sequences.pair[self.sequences.start[:-1]]]
        who: NDArray[np.int64] = number[event]
        return who

    @cached_property
    def _skill(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.sequences.n_levels)), self.sequences.n_learners)

    @cached_property
    def _row(self) -> NDArray[np.int64]:
        """The row of the table of levels that each row of the table spread out repeats."""
        n = self.sequences.n_levels[self._skill]
        within = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        row: NDArray[np.int64] = np.repeat(self.layout.row_start[self._skill], n) + within
        return row

    @cached_property
    def _apart(self) -> tuple[Sequences, Layout]:
        """Sequences and layout with a skill for every sequence, and a class for every answer."""
        layout, n_levels = self.layout, self.sequences.n_levels[self._skill]
        numbers = np.arange(len(layout.pair_skill), dtype=np.int32)
        sequences = replace(
            self.sequences, skill_start=np.arange(len(n_levels) + 1), n_levels=n_levels
        )
        return sequences, replace(
            layout,
            row_start=np.concatenate([[0], np.cumsum(n_levels)]),
            pair_noise=np.where(layout.pair_noise >= 0, numbers, -1).astype(np.int32),
            pair_effect=np.where(layout.pair_effect >= 0, numbers, -1).astype(np.int32),
        )

    def _spread_out(self, tables: Tables) -> Tables:
        """Return tables with a row for each sequence's levels, and for each answer."""
        layout = self.layout
        effect = np.append(tables.effect, 0.0)[layout.pair_effect]
        noise = np.append(tables.noise, [[0.5, 0.5]], axis=0)[layout.pair_noise]
        return Tables(tables.theta[self._row], noise, effect, tables.decay[self._skill])

    def _add(self, total: EventCounts, credit: Array, share: Array, tables: Tables) -> None:
        """Add the counts at one node, each sequence weighed by its share of the node."""
        from .weighted_sums import add_weighted

        layout, n_levels = self.layout, self.sequences.n_levels[self._skill]
        apart = count_events(credit, *self._apart, self._spread_out(tables))
        of_pair = np.empty(len(layout.pair_skill))
        of_pair[self.sequences.pair] = np.repeat(share, np.diff(self.sequences.start))
        of_level = np.repeat(share, n_levels)
        for name, row, weight in (
            ("level", self._row, of_level),
            ("noise", layout.pair_noise.astype(np.int64), of_pair),
            ("effect", layout.pair_effect.astype(np.int64), of_pair),
            ("decay", self._skill, share),
            ("log_likelihood", self._skill, share),
        ):
            values, into = (getattr(one, name) for one in (apart, total))
            flat = values.reshape(len(values), -1)
            add_weighted(flat, row, weight, into.reshape(len(into), flat.shape[1]))


def _at(tables: Tables, node: float) -> Tables:
    return replace(tables, theta=shifted(tables.theta, tables.spread, node))


def _nothing(tables: Tables) -> EventCounts:
    n, n_skills = len(tables.theta), len(tables.decay)
    return EventCounts(
        np.zeros((n, 3, 2)),
        np.zeros((len(tables.noise), 2, 3)),
        np.zeros((len(tables.effect), 3)),
        np.zeros((n_skills, 2)),
        np.zeros(n_skills),
    )
