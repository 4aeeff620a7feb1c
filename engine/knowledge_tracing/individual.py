"""One learner's state where learners differ: a belief per node of the trait, and the nodes' own.

Given the node a learner is traced as any other, with that node's prior and rate of learning; each
answer then weighs the nodes by how likely they had made it. What a state shows of a skill is the
mixture. The beliefs per node are kept in ``KnowledgeState.latent``: ``"nodes"`` has the weights,
``"nodes sql"`` the beliefs about the skill "sql", node by node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..domain.knowledge import KnowledgeState, SkillKnowledge
from .belief import belief_about, copied, inputs, moved, remembered, taught
from .binding import Binding
from .conjunction import credits, p_all_work
from .prediction import predictions
from .traits import NODE_WEIGHTS, NODES, fitted_at, node_weights_before, reweighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Module
    from ..domain.evidence import Completion, Response
    from ..domain.framework import SkillLevel, SkillTarget
    from ..domain.responses import ResponseLog
    from .compute import Passes
    from .fitted import Fitted
    from .options import BKTOptions

__all__ = ["ByTrait"]

_NODES = "nodes"

Belief = tuple[float, ...]


class ByTrait:
    """The parameters of a model bound to a curriculum, at each node of the learners' trait.

    Parameters
    ----------
    curriculum : Curriculum or None
    fitted : Fitted
    options : BKTOptions

    Attributes
    ----------
    bindings : tuple of Binding, shape (n_nodes,)
    """

    def __init__(self, curriculum: Curriculum | None, fitted: Fitted, options: BKTOptions) -> None:
        self.bindings = tuple(
            Binding(curriculum, fitted_at(fitted, node), options) for node in NODES
        )

    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response."""
        exercised = [one.exercised(response.item_id) for one in self.bindings]
        at, score = response.answered_at, response.score
        skill_ids = [one.skill_id for one in exercised[0]]
        before = [self._beliefs(state, skill_id, at) for skill_id in skill_ids]
        after: list[list[Belief]] = [[] for _ in skill_ids]
        likelihoods = []
        for node, exercises in enumerate(exercised):
            beliefs = [one[node] for one in before]
            works = inputs(exercises, beliefs)
            p = p_all_work(works)
            likelihoods.append(score * p + (1.0 - score) * (1.0 - p))
            weights = credits(score, works)
            for i, (one, weight) in enumerate(zip(exercises, weights, strict=True)):
                after[i].append(moved(beliefs[i], one, weight))
        skills, latent = copied(state.skills), copied(state.latent)
        nodes = latent[_NODES] = reweighed(_weights(state), likelihoods)
        for one, beliefs in zip(exercised[0], after, strict=True):
            latent[_key(one.skill_id)] = _flat(beliefs)
            mixture = _mixture(nodes, beliefs)
            skills[one.skill_id] = remembered(skills.get(one.skill_id), one, mixture, response)
        after_all = KnowledgeState(
            state.learner_id,
            MappingProxyType(skills),
            state.completed,
            MappingProxyType(latent),
            state.lessons,
        )
        return self._seen_anew(after_all, skill_ids)

    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed now."""
        skills, latent = copied(state.skills), copied(state.latent)
        for effect in sorted(module.teaches, key=lambda one: one.level):
            k = effect.skill_id
            now = KnowledgeState(state.learner_id, skills, state.completed, latent)
            known = [
                taught(
                    _at_node(now, k, belief),
                    bound.chain(k),
                    level=effect.level,
                    learn=bound.taught_by(module.module_id, effect.reached, effect.learn),
                    decay=bound.decay_of(k),
                    at=at,
                )
                for bound, belief in zip(self.bindings, self._beliefs(now, k, None), strict=True)
            ]
            beliefs = [one.p_at_least for one in known]
            latent[_key(k)] = _flat(beliefs)
            skills[k] = known[0]._replace(p_at_least=_mixture(_weights(state), beliefs))
        return KnowledgeState(state.learner_id, skills, state.completed, latent, state.lessons)

    def attainment(
        self,
        state: KnowledgeState,
        targets: Sequence[SkillTarget | SkillLevel],
        *,
        at: datetime | None,
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,)."""
        found = np.zeros(len(targets))
        for i, target in enumerate(targets):
            beliefs = self._beliefs(state, target.skill_id, at)
            for bound, weight, belief in zip(self.bindings, _weights(state), beliefs, strict=True):
                _, rank, share = bound.aim(target.skill_id, target.level)
                found[i] += weight * belief[rank] * share
        return found

    def attainment_after(
        self,
        state: KnowledgeState,
        asked: Sequence[tuple[SkillLevel, Sequence[Module]]],
        *,
        at: datetime | None,
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) once modules are completed, shape (n_asked,)."""
        found = np.zeros(len(asked))
        for i, ((skill_id, level), modules) in enumerate(asked):
            beliefs = self._beliefs(state, skill_id, at)
            for bound, weight, belief in zip(self.bindings, _weights(state), beliefs, strict=True):
                _, rank, share = bound.aim(skill_id, level)
                found[i] += weight * bound.after(belief, skill_id, modules)[rank] * share
        return found

    def predict_item(self, state: KnowledgeState, item_id: str, *, at: datetime | None) -> float:
        """Return P(right) of the learner's next answer to an item."""
        exercised = [one.exercised(item_id) for one in self.bindings]
        beliefs = [self._beliefs(state, one.skill_id, at) for one in exercised[0]]
        return sum(
            weight * p_all_work(inputs(exercises, [one[node] for one in beliefs]))
            for node, (weight, exercises) in enumerate(zip(_weights(state), exercised, strict=True))
        )

    def predictions(
        self, log: ResponseLog, passes: Passes, *, completions: Iterable[Completion] | None
    ) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""
        given = None if completions is None else tuple(completions)
        order = log.time_order
        p_correct = np.stack(
            [predictions(log, one, passes, completions=given)[order] for one in self.bindings]
        )
        weight = node_weights_before(p_correct, log.score[order], log.learner[order])
        mixture = np.empty(len(log))
        mixture[order] = (weight * p_correct).sum(axis=0)
        return mixture

    def _beliefs(self, state: KnowledgeState, skill_id: str, at: datetime | None) -> list[Belief]:
        """Return the belief about a skill at each node."""
        known = state.skills.get(skill_id)
        kept: Sequence[Belief | None] = [None] * len(NODES)
        if known is not None:
            kept = _kept(state, skill_id) or [known.p_at_least] * len(NODES)
        return [
            belief_about(
                None if belief is None else _at_node(state, skill_id, belief),
                bound.chain(skill_id),
                bound.decay_of(skill_id),
                at,
            )
            for bound, belief in zip(self.bindings, kept, strict=True)
        ]

    def _seen_anew(self, state: KnowledgeState, but: Sequence[str]) -> KnowledgeState:
        """Return the state with all skills but some mixed under the nodes as they are now."""
        skills = copied(state.skills)
        for skill_id, known in state.skills.items():
            if skill_id not in but and (beliefs := _kept(state, skill_id)):
                skills[skill_id] = SkillKnowledge(
                    known.levels,
                    _mixture(_weights(state), beliefs),
                    known.opportunities,
                    known.successes,
                    known.last_answered_at,
                    known.last_failed_at,
                    known.believed_at,
                )
        return KnowledgeState(
            state.learner_id,
            MappingProxyType(skills),
            state.completed,
            state.latent,
            state.lessons,
        )


def _key(skill_id: str) -> str:
    return f"{_NODES} {skill_id}"


def _weights(state: KnowledgeState) -> tuple[float, ...]:
    return state.latent.get(_NODES, NODE_WEIGHTS)  # type: ignore[return-value]  # all floats


def _kept(state: KnowledgeState, skill_id: str) -> list[Belief]:
    """Return the beliefs per node that a state keeps of a skill; none if it keeps none."""
    flat = state.latent.get(_key(skill_id), ())
    n_levels = len(flat) // len(NODES)
    return [flat[i : i + n_levels] for i in range(0, len(flat), n_levels)]  # type: ignore[misc]


def _at_node(state: KnowledgeState, skill_id: str, belief: Belief) -> SkillKnowledge | None:
    known = state.skills.get(skill_id)
    return None if known is None else known._replace(p_at_least=belief)


def _flat(beliefs: Iterable[Belief]) -> tuple[float, ...]:
    return tuple(p for belief in beliefs for p in belief)


def _mixture(weights: Sequence[float], beliefs: Sequence[Belief]) -> Belief:
    columns = zip(*beliefs, strict=True)
    return tuple(
        sum(weight * p for weight, p in zip(weights, column, strict=True)) for column in columns
    )
