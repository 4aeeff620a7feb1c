"""What in the catalogue will disappoint, held against the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from engine.domain.history import History
from engine.recommender import Finding, lint

from ..cursors import cursor, no_place, read_cursor
from ..evidence import history_of
from ..store import EvidenceColumns, Session, Store
from .enrolling import Enrolling

__all__ = ["Findings", "Linting"]

_LONGEST = timedelta(seconds=60)
_AT_ONCE = 1000  # learners to a view: one that is long open keeps erased bytes from being scrubbed


class Findings(NamedTuple):
    """What was found.

    Parameters
    ----------
    model_version : str
    catalog_version : int
    learners : int
        Whose evidence prerequisites were held against.
    found : tuple of Finding
        Check by check.
    """

    model_version: str
    catalog_version: int
    learners: int
    found: tuple[Finding, ...]

    def counts(self) -> dict[str, int]:
        """Return how many there are of each check that found any."""
        return dict(Counter(one.check for one in self.found))

    def page(self, limit: int, after: str = "") -> tuple[tuple[Finding, ...], str | None]:
        """Return some of them, and the `after` of what follows.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        (start,) = read_cursor(after, int) if after else (0,)
        if start < 0:
            raise no_place()
        more = len(self.found) > start + limit
        return self.found[start : start + limit], cursor(start + limit) if more else None


class _Kept(NamedTuple):
    stamp: Any
    at: datetime
    findings: Findings


class Linting(Enrolling):
    """The curriculum lint over what is kept."""

    _kept_findings: _Kept | None = None

    def findings(self, most_learners: int | None = None) -> Findings:
        """Return what in the current catalogue will disappoint; it takes a while.

        Parameters
        ----------
        most_learners : int, optional
            Of how many learners to read the evidence, evenly among all by their ids; of all of
            them where it is not given.
        """
        stamp = self._store.read(partial(_stamp, most_learners))
        known = self._still(stamp)
        if known is not None:
            return known
        current, at = self.current(), self._clock()
        learner_ids = self._store.read(partial(_some_learners, most_learners))
        told = _histories(self._store, learner_ids)
        found = lint(current.curriculum, self.roles(), told)
        findings = Findings(current.model_version, current.catalog_version, len(learner_ids), found)
        self._kept_findings = _Kept(stamp, at, findings)
        return findings

    def findings_so_far(self, most_learners: int | None = None) -> Findings | None:
        """Return :meth:`findings` if they are there: found a minute ago at most, of what is so."""
        return self._still(self._store.read(partial(_stamp, most_learners)))

    def _still(self, stamp: Any) -> Findings | None:
        kept = self._kept_findings
        if kept is None or kept.stamp != stamp or not kept.at <= self._clock() < kept.at + _LONGEST:
            return None
        return kept.findings


def _stamp(most_learners: int | None, session: Session) -> Any:
    """Return what findings stand on, but for the evidence."""
    return most_learners, session.versions(), session.roles.all()


def _some_learners(most: int | None, session: Session) -> Sequence[str]:
    every = session.learners.ids_after("", session.learners.count())
    return every if most is None else every[:: max(1, -(-len(every) // most))]


def _histories(store: Store, learner_ids: Sequence[str]) -> Iterator[History]:
    for start in range(0, len(learner_ids), _AT_ONCE):
        some = learner_ids[start : start + _AT_ONCE]

        def look(session: Session, some: Sequence[str] = some) -> EvidenceColumns | None:
            return session.evidence.columns_of(some)

        columns = store.read(look)
        if columns is not None:
            yield history_of(columns)
