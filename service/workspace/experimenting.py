"""What other policies would have been worth, from the log of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.domain.records import Faults
from engine.recommender import ips, snips

from ..binding import default_version
from ..experiments import Outcome, Worth
from .deciding import Deciding

__all__ = ["Experimenting"]


class Experimenting(Deciding):
    """Estimates from decisions that were logged."""

    def worth(
        self, outcomes: Sequence[Outcome], *, level: float = 0.95, fewest: float = 30.0
    ) -> Worth:
        """Return what another policy would have been worth per decision.

        With which probability each decision was made is taken from the log.

        Parameters
        ----------
        outcomes : sequence of Outcome
        level : float
            The probability that the intervals are to cover the truth with.
        fewest : float
            The effective sample size below which there is no answer.

        Raises
        ------
        InvalidInput
            Unknown or repeated decisions, all of them; or decisions that tell too little of the
            other policy.
        """
        ids = [one.decision_id for one in outcomes]
        self._decisions.settle()
        logged, version = self._store.read(
            lambda session: (
                session.decisions.propensities(ids),
                session.versions().model_version or default_version(),
            )
        )
        _refuse_faults(ids, logged)
        told = (
            [one.outcome for one in outcomes],
            [logged[one] for one in ids],
            [one.p_target for one in outcomes],
        )
        return Worth(
            version,
            ips(*told, level=level, fewest=fewest),
            snips(*told, level=level, fewest=fewest),
        )


def _refuse_faults(ids: Sequence[str], logged: Mapping[str, float]) -> None:
    faults, seen = Faults(), set[str]()
    for i, one in enumerate(ids):
        where = f"outcomes[{i}].decision_id"
        if one not in logged:
            faults.add(where, f"names an unknown decision, {one!r}", "as GET /v1/decisions has it")
        elif one in seen:
            faults.add(where, f"repeats {one!r}")
        seen.add(one)
    faults.raise_if_any("outcomes")
