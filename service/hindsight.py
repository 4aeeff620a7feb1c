"""What another policy would have chosen where a logged decision was made.

The evidence is append-only, and models, catalogues and roles are kept in every version, so what a
decision stood on can be put together again: the evidence that had been received, without what had
been taken back by then, is replayed under the decision's own model and catalogue. What was believed
of the targets is in the log; where the replay does not come to it, nothing is told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import isclose
from typing import Any, NamedTuple

from engine.domain import KnowledgeState, Role
from engine.recommender import Decision, policy_named

from .binding import Binding, bind, default_version
from .knowledge import replayed
from .registry import read_role
from .store import COMPLETION, DecisionRow, EvidenceRow, Session, Versions

__all__ = ["Hindsight", "Untold", "Would"]

_NEAR = 1e-9


class Untold(Exception):
    """Why it cannot be told what another policy would have chosen; never seen by a caller."""


class Would(NamedTuple):
    """How another policy would have decided.

    Parameters
    ----------
    probability : float
        With which it would have chosen what was chosen.
    covered : float
        With which it would have chosen something that might have been chosen then.
    """

    probability: float
    covered: float


class _Then(NamedTuple):
    """What a decision stood on."""

    binding: Binding
    state: KnowledgeState
    aim: Role
    used_up: Collection[str]


class Hindsight:
    """The situations of logged decisions, put together again.

    Parameters
    ----------
    read : callable
        Runs work on one consistent view of a store.
    """

    def __init__(self, read: Callable[[Callable[[Session], Any]], Any]) -> None:
        self._read = read
        self._bindings: dict[Versions, Binding] = {}

    def would(self, row: DecisionRow, policy: str) -> Would:
        """Return how a policy would have decided in place of the one that did.

        Raises
        ------
        Untold
        UnknownId
            There is no such policy.
        InvalidInput
            The policy needs a model with a posterior.
        """
        policy_named(policy)
        if policy == row.policy:
            return Would(row.propensity, 1.0)
        content = json.loads(row.content)
        asked = _asked(row, content["request"])
        at = datetime.fromisoformat(content["at"])
        then = self._read(partial(self._then, row, content))
        _check_believed(then, content["attainments"], at)
        decision = then.binding.planner.decide(
            then.state,
            role=then.aim,
            policy=policy,
            allowed=asked.get("allowed"),
            denied=[*asked.get("denied", ()), *then.used_up],
            at=at,
            request_key=row.decision_id,  # the draw of a policy that draws, the same each time
        )
        return _would(row, content, decision)

    def _then(self, row: DecisionRow, content: Mapping[str, Any], session: Session) -> _Then:
        binding = self._binding(session, row, content.get("prior_version"))
        rows = _known_then(session, row)
        limits = binding.curriculum.attempts
        done = Counter(one.subject_id for one in rows if one.kind == COMPLETION)
        return _Then(
            binding,
            replayed(binding, row.learner_id, rows),
            _aim(session, row, content.get("aims")),
            [one for one, most in limits.items() if done[one] >= most],
        )

    def _binding(self, session: Session, row: DecisionRow, prior: str | None) -> Binding:
        """Return the catalogue, the model and the prior of a decision, bound once."""
        kept = session.tracers.content(row.model_version)
        if kept is None and row.model_version != default_version():
            raise Untold(f"its model, {row.model_version}, is not kept")
        if prior not in (None, session.versions().prior_version):
            raise Untold(f"its prior, {prior}, is not in use any more")
        model_version = None if kept is None else row.model_version
        versions = Versions(row.catalog_version, model_version, prior_version=prior)
        if versions not in self._bindings:
            bound = bind(session, versions)
            assert bound is not None  # there is a catalogue
            self._bindings[versions] = bound
        return self._bindings[versions]


def _asked(row: DecisionRow, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the modules that a request named; raise where it does not say all that it asked."""
    if not row.chosen:
        raise Untold("nothing was chosen")
    if "within_minutes" in request:
        raise Untold("it was asked with within_minutes, of which policies know nothing")
    for name in ("allowed", "denied"):
        if isinstance(request.get(name), Mapping):
            raise Untold(f"of what was {name} the log has no more than a digest")
    return request


def _known_then(session: Session, row: DecisionRow) -> Sequence[EvidenceRow]:
    """Return the evidence that counted, in replay order: of the changes so far, so many."""
    if any(one.merged_at_us >= row.made_at_us for one in session.aliases.of(row.learner_id)):
        raise Untold("another id has been merged with the learner's since")
    rows, voids = session.evidence.all_of(row.learner_id), session.voids.of(row.learner_id)
    received = sorted(
        [*(one.received_at_us for one in rows), *(one.received_at_us for one in voids)]
    )
    known, later = received[: row.evidence_changes], received[row.evidence_changes :]
    if len(known) < row.evidence_changes or (known and later and known[-1] == later[0]):
        raise Untold("the evidence of then cannot be told from what came later")
    until = known[-1] if known else -1
    taken_back = {one.target for one in voids if one.received_at_us <= until}
    return [
        one
        for one in rows
        if one.received_at_us <= until and (one.kind, one.evidence_id) not in taken_back
    ]


def _aim(session: Session, row: DecisionRow, aims: Mapping[str, float] | None) -> Role:
    """Return what was recommended for: the role, or several in the versions that they had."""
    shares = {
        _role(session, row, role_id): share
        for role_id, share in (aims or {row.role_id: 1.0}).items()
    }
    return next(iter(shares)) if len(shares) == 1 else Role.combined(shares)


def _role(session: Session, row: DecisionRow, role_id: str) -> Role:
    if role_id == row.role_id:
        found = session.role_versions.find(role_id, row.role_version)
    else:
        found = session.role_versions.as_of(role_id, row.made_at_us)
    if found is None:
        raise Untold(f"the version of the role {role_id} is not known")
    return read_role(found.content)


def _check_believed(then: _Then, believed: Sequence[Any], at: datetime) -> None:
    """Raise where the replay does not come to what the log says was believed."""
    targets = [target.skill_level for target in then.aim.targets]
    p = then.binding.tracer.attainment(then.state, targets, at=at).tolist()
    told = [(skill_id, level) for skill_id, level, _ in believed]
    same = told == [(one.skill_id, one.level) for one in targets]
    near = (isclose(a, b, abs_tol=_NEAR) for a, (_, _, b) in zip(p, believed, strict=False))
    if not (same and all(near)):
        raise Untold("a replay does not come to what was believed then")


def _would(row: DecisionRow, content: Mapping[str, Any], decision: Decision) -> Would:
    if decision.kind != content.get("kind", "module"):
        return Would(0.0, 0.0)
    p = dict(zip(decision.candidates, decision.propensities, strict=True))
    possible = content.get("candidates", {row.chosen: row.propensity})
    covered = sum(p.get(one, 0.0) for one, chance in possible.items() if chance > 0.0)
    return Would(p.get(row.chosen, 0.0), covered)
