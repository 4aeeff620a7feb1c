"""What every use case stands on: the store, the clock, the current catalogue and model."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from engine.domain import Curriculum, KnowledgeState

from .. import instants
from ..binding import Binding, bind
from ..deciding import DecisionQueue
from ..errors import NoCatalog, StoreUnavailable
from ..instants import Clock
from ..knowledge import Reading, keep, read_knowledge
from ..store import Place, Session, Store
from ..store.writer import Writer

__all__ = ["Ground"]


class Ground:
    """A store, opened and closed, with its current catalogue and model bound together.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Returns the present instant, aware.
    """

    def __init__(self, store: Store, *, clock: Clock = instants.now) -> None:
        self._store = store
        self._clock = clock
        self._bound: Binding | None = None
        self._loading = threading.Lock()
        self._decisions = DecisionQueue(store)
        self._tenants: dict[str, Any] = {store.tenant_id: self}

    @classmethod
    def open(cls, place: Place, *, clock: Clock = instants.now) -> Self:
        """Open a database, a file's or a URL's, made or migrated as needed.

        Raises
        ------
        StoreError
            Not a database, not one of Attain's, of a newer schema, locked or not writable.
        """
        return cls(Store.open(place), clock=clock)

    def of_tenant(self, tenant_id: str) -> Self:
        """Return the workspace of another tenant of the same database; closed with this one."""
        if tenant_id not in self._tenants:
            other = type(self)(self._store.of(tenant_id), clock=self._clock)
            other._tenants = self._tenants
            self._tenants[tenant_id] = other
        found: Self = self._tenants[tenant_id]
        return found

    @property
    def tenant_id(self) -> str:
        """Whose it is."""
        return self._store.tenant_id

    @property
    def place_name(self) -> str:
        """Where everything is kept, without secrets."""
        return self._store.name

    @property
    def remote(self) -> bool:
        """Whether the database is across a network, which may let everybody wait."""
        return self._store.remote

    def now(self) -> datetime:
        """Return the present instant."""
        return self._clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database, when the write under way has ended."""
        self._store.close()

    @property
    def writing(self) -> Writer:
        """The writer, for those who watch it."""
        return self._store.writing

    def check(self) -> None:
        """Raise :class:`StoreError` unless the database answers and what it keeps can be read."""
        self._store.read(self._bind_if_any)

    def catalog(self) -> Curriculum | None:
        """Return the current catalogue, or None where there is none yet."""
        bound = self._store.read(self._bind_if_any)
        return bound.curriculum if bound else None

    def current(self) -> Binding:
        """Return the current catalogue and model, with their versions."""
        return self._store.read(self._bind)

    def _instant(self, at: datetime | None) -> datetime:
        """Return the instant that is asked about: now, where none is named."""
        return instants.possible(self._clock()) if at is None else at

    def _states(
        self, session: Session, bound: Binding, learner_ids: Iterable[str]
    ) -> list[KnowledgeState]:
        """Return the states of learners after all the evidence."""
        return [one.state for one in self._readings(session, bound, learner_ids)]

    def _readings(
        self, session: Session, bound: Binding, learner_ids: Iterable[str]
    ) -> list[Reading]:
        """Return the states of learners after all the evidence, with the stamps of that.

        Those worth keeping are handed in to be written, in one piece and without waiting; where
        that fails, they are brought up to date again when they are next read.
        """
        readings = [read_knowledge(session, bound, one) for one in learner_ids]
        worth = [one for one in readings if one.worth_keeping is not None]
        if worth:
            with suppress(StoreUnavailable):
                self._store.submit(lambda writing: keep(writing, bound, worth))
        return readings

    def _bind_if_any(self, session: Session) -> Binding | None:
        known = self._loaded(session)
        if known is None:
            with self._loading:  # once, however many ask
                known = self._loaded(session) or bind(session, session.versions())
                self._bound = known
        return known

    def _loaded(self, session: Session) -> Binding | None:
        """Return the current catalogue and model if they are loaded, which takes a while."""
        known = self._bound
        return known if known is not None and known.versions == session.versions() else None

    def _bind(self, session: Session) -> Binding:
        bound = self._bind_if_any(session)
        if bound is None:
            raise NoCatalog
        return bound
