"""Decisions: what was chosen, from what, how probably, and for whom; and who is in which arm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from ..domain.records import Faults
from .policies import Policy
from .situation import Situation

__all__ = ["Decision", "arm_of", "decide"]


@dataclass(frozen=True)
class Decision:
    """One choice, with all that an estimate of another policy's worth needs to know of it.

    Parameters
    ----------
    learner_id, state_version, model_version, policy, role_id, request_key : str
        What the decision depends on; the same six give the same decision.
    kind : {"module", "item"}
    candidates : tuple of str
        What could have been chosen.
    propensities : tuple of float, shape (n_candidates,)
        With which probability each.
    chosen : str
        Empty where there was nothing to choose.
    """

    learner_id: str
    state_version: str
    model_version: str
    policy: str
    role_id: str
    request_key: str
    kind: str
    candidates: tuple[str, ...]
    propensities: tuple[float, ...]
    chosen: str

    @property
    def decision_id(self) -> str:
        """An id made of what the decision depends on."""
        return _digest(*self._key).hex()

    @property
    def propensity(self) -> float:
        """The probability with which the chosen one was; 1 where there was nothing to choose."""
        return dict(zip(self.candidates, self.propensities, strict=True)).get(self.chosen, 1.0)

    @property
    def _key(self) -> tuple[str, ...]:
        return (
            self.learner_id,
            self.state_version,
            self.model_version,
            self.policy,
            self.role_id,
            self.request_key,
        )


def decide(
    policy: Policy,
    situation: Situation,
    *,
    state_version: str = "",
    model_version: str = "",
    request_key: str = "",
) -> Decision:
    """Let a policy choose. The draw is seeded by what the decision depends on, so it can be made
    again: same learner, state, model, policy, role and request, same choice.

    Examples
    --------
    >>> from engine.domain import Curriculum, KnowledgeState, Role, SkillTarget
    >>> from engine.knowledge_tracing import BKT
    >>> from engine.recommender import role_map
    >>> from engine.recommender.policies import AtRandom
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}],
    ...     modules=[
    ...         {"module_id": "m1", "teaches": [{"skill_id": "sql"}], "minutes": 5},
    ...         {"module_id": "m2", "teaches": [{"skill_id": "sql"}], "minutes": 9},
    ...     ],
    ... )
    >>> where = role_map(curriculum, Role("analyst", [SkillTarget("sql")]))
    >>> ada = Situation(where, KnowledgeState("ada"), BKT(curriculum=curriculum))
    >>> made = decide(AtRandom(), ada, request_key="monday")
    >>> made.candidates, made.propensity, made == decide(AtRandom(), ada, request_key="monday")
    (('m1', 'm2'), 0.5, True)
    """
    learner_id, role_id = situation.state.learner_id, situation.where.role.role_id
    seed = _digest(learner_id, state_version, model_version, policy.name, role_id, request_key)
    rng = np.random.default_rng(int.from_bytes(seed, "big"))
    offer = policy.offer(situation, rng)
    candidates, propensities = tuple(offer.propensities), tuple(offer.propensities.values())
    drawn = str(rng.choice(candidates, p=propensities)) if candidates else ""
    return Decision(
        learner_id=learner_id,
        state_version=state_version,
        model_version=model_version,
        policy=policy.name,
        role_id=role_id,
        request_key=request_key,
        kind=offer.kind,
        candidates=candidates,
        propensities=propensities,
        chosen=drawn,
    )


def arm_of(learner_id: str, salt: str, shares: Mapping[str, float]) -> str:
    """Return the arm of an experiment that a learner is in, always the same one.

    Parameters
    ----------
    learner_id : str
    salt : str
        The experiment's own; another one shuffles the learners anew.
    shares : mapping of str to float
        What share of the learners each arm has, in any unit.

    Raises
    ------
    InvalidInput
        No arms, or a share that is not above 0.

    Examples
    --------
    >>> arm_of("ada", "spring", {"greedy": 1, "cautious": 1})
    'cautious'
    """
    faults = Faults()
    if not shares:
        faults.add("shares", "are none, expected at least one arm")
    for name, share in shares.items():
        faults.check_number(f"shares[{name}]", share, 0.0, 1e9, above=True)
    faults.raise_if_any("experiment")
    where = int.from_bytes(_digest(salt, learner_id), "big") / 2.0**128 * sum(shares.values())
    for name, share in shares.items():
        where -= share
        if where < 0.0:
            return name
    return next(reversed(list(shares)))


def _digest(*parts: str) -> bytes:
    """Return 16 bytes that depend on every part and on where it ends."""
    return blake2b(json.dumps(parts).encode(), digest_size=16).digest()
