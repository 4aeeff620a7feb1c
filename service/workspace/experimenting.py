"""What other policies would have been worth, from the log of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from engine.domain.records import Faults
from engine.recommender import ips, policy_named, snips

from ..binding import default_version
from ..experiments import Outcome, Worth
from ..hindsight import Hindsight, Untold, Would
from ..store import DecisionRow
from .deciding import Deciding

__all__ = ["Experimenting"]


class Experimenting(Deciding):
    """Estimates from decisions that were logged."""

    def worth(
        self,
        outcomes: Sequence[Outcome],
        policy: str | None = None,
        *,
        level: float = 0.95,
        fewest: float = 30.0,
    ) -> Worth:
        """Return what another policy would have been worth per decision.

        With which probability each decision was made is taken from the log. With which the other
        policy would have made it is either given, or found out by name: it takes some milliseconds
        a decision.

        Parameters
        ----------
        outcomes : sequence of Outcome
        policy : str, optional
            Of those outcomes that have no `p_target`.
        level : float
            The probability that the intervals are to cover the truth with.
        fewest : float
            The effective sample size below which there is no answer.

        Raises
        ------
        UnknownId
            There is no such policy.
        InvalidInput
            Unknown or repeated decisions, or some of which it cannot be told what the policy would
            have done, all of them; or decisions that tell too little of the other policy.
        """
        if policy is not None:
            policy_named(policy)
        ids = [one.decision_id for one in outcomes]
        self._decisions.settle()
        logged, version = self._store.read(
            lambda session: (
                session.decisions.among(ids),
                session.versions().model_version or default_version(),
            )
        )
        _refuse_faults(outcomes, policy, logged)
        would = {} if policy is None else self._would(outcomes, policy, logged)
        told = (
            [one.outcome for one in outcomes],
            [logged[one].propensity for one in ids],
            [
                would[one.decision_id].probability if one.p_target is None else one.p_target
                for one in outcomes
            ],
        )
        every = len(would) == len(outcomes) > 0
        return Worth(
            version,
            policy,
            fmean(one.covered for one in would.values()) if every else None,
            ips(*told, level=level, fewest=fewest),
            snips(*told, level=level, fewest=fewest),
        )

    def _would(
        self, outcomes: Sequence[Outcome], policy: str, logged: Mapping[str, DecisionRow]
    ) -> Mapping[str, Would]:
        """Return how a policy would have decided where its probability is not given."""
        hindsight, faults = Hindsight(self._store.read), Faults()
        found: dict[str, Would] = {}
        for i, one in enumerate(outcomes):
            if one.p_target is not None:
                continue
            try:
                found[one.decision_id] = hindsight.would(logged[one.decision_id], policy)
            except Untold as why:
                problem = f"cannot be told of {one.decision_id!r}: {why}"
                faults.add(f"outcomes[{i}].p_target", problem, "give it, or leave the decision out")
        faults.raise_if_any("outcomes")
        return found


def _refuse_faults(
    outcomes: Sequence[Outcome], policy: str | None, logged: Mapping[str, DecisionRow]
) -> None:
    faults, seen = Faults(), set[str]()
    for i, one in enumerate(outcomes):
        where, decision_id = f"outcomes[{i}].decision_id", one.decision_id
        if decision_id not in logged:
            problem = f"names an unknown decision, {decision_id!r}"
            faults.add(where, problem, "as GET /v1/decisions has it")
        elif decision_id in seen:
            faults.add(where, f"repeats {decision_id!r}")
        if one.p_target is None and policy is None:
            faults.add(f"outcomes[{i}].p_target", "is missing", "give it, or name a policy")
        seen.add(decision_id)
    faults.raise_if_any("outcomes")
