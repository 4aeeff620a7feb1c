"""The one application object: a store, the current model and the current catalogue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from engine.domain import (
    Curriculum,
    GapReport,
    KnowledgeState,
    LearningPath,
    RecommendationList,
    Role,
)
from engine.knowledge_tracing import Tracer, tracer_from_json

from . import advice, instants, registry
from .advice import LearnerView
from .binding import Binding, bind, current_tracer, default_version, tracer_version
from .errors import NoCatalog, StoreUnavailable
from .evidence import Batch, Evidence, evidence_of, read_batch
from .instants import Clock, to_us
from .knowledge import Reading, apply_new, keep, read_knowledge
from .records import (
    GrowthPoint,
    LearnerProfile,
    MasteryReport,
    ModelSummary,
    Receipt,
)
from .registry import find_learner, find_role, read_role
from .store import Session, Store

__all__ = ["LearnerProfile", "Workspace"]


class Workspace:
    """Everything the service does, one method per use; safe to share among threads.

    The evidence log is the truth; mastery is its replay under the current model and catalogue.
    Every method that names a learner raises :class:`UnknownId` where nothing is known of them,
    every one that takes a role :class:`UnknownId` or :class:`NoRole`, every one that needs a
    catalogue :class:`NoCatalog`, and all of them :class:`StoreUnavailable`.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Returns the present instant, aware.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> with TemporaryDirectory() as folder, Workspace.open(f"{folder}/attain.db") as workspace:
    ...     workspace.put_catalog(curriculum)
    1
    """

    def __init__(self, store: Store, *, clock: Clock = instants.now) -> None:
        self._store = store
        self._clock = clock
        self._bound: Binding | None = None

    @classmethod
    def open(cls, path: Path | str, *, clock: Clock = instants.now) -> Self:
        """Open a database file, made or migrated as needed.

        Raises
        ------
        StoreError
            Not a database, not one of Attain's, of a newer schema, locked or not writable.
        """
        return cls(Store.open(path), clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database, when the write under way has ended."""
        self._store.close()

    def check(self) -> None:
        """Raise :class:`StoreError` unless the database answers and what it keeps can be read."""
        self._store.read(self._bind_if_any)

    # -- catalogue, roles, learners

    def put_catalog(self, curriculum: Curriculum) -> int:
        """Replace the catalogue, all of it or nothing, and return its version.

        Raises
        ------
        CatalogConflict
            It leaves out something that evidence or roles refer to.
        """
        return self._store.write(lambda session: self._replace_catalog(session, curriculum))

    def put_all(
        self,
        curriculum: Curriculum,
        *,
        roles: Sequence[Role] = (),
        learners: Sequence[LearnerProfile] = (),
        evidence: Sequence[Evidence] = (),
    ) -> Receipt:
        """Put a catalogue with its roles, learners and evidence, all of it or nothing.

        Raises
        ------
        CatalogConflict, EvidenceConflict, InvalidCurriculum, InvalidInput
            As each part would on its own.
        """

        def put(session: Session) -> Receipt:
            for role in roles:  # first, so that the new catalogue meets the new targets
                curriculum.framework.check_role(role)
                registry.put_role(session, role)
            self._replace_catalog(session, curriculum)
            now = self._clock()
            registry.put_learners(session, learners, to_us(now))
            bound = self._bind(session)
            return self._append(session, read_batch(evidence, bound.curriculum, now), bound, now)

        try:
            return self._store.write(put)
        except BaseException:
            self._bound = None  # it may be of a catalogue version that never came to be
            raise

    def catalog(self) -> Curriculum | None:
        """Return the current catalogue, or None where there is none yet."""
        bound = self._store.read(self._bind_if_any)
        return bound.curriculum if bound else None

    def current(self) -> Binding:
        """Return the current catalogue and model, with their versions."""
        return self._store.read(self._bind)

    def put_role(self, role: Role) -> None:
        """Keep a role; raise :class:`InvalidCurriculum` where it wants unknown skills or levels."""

        def put(session: Session) -> None:
            self._bind(session).curriculum.framework.check_role(role)
            registry.put_role(session, role)

        self._store.write(put)

    def roles(self) -> tuple[Role, ...]:
        """Return every role, by ladder, rung and id."""
        found = map(read_role, self._store.read(lambda session: session.roles.all()))
        return tuple(sorted(found, key=lambda role: (role.ladder, role.rung, role.role_id)))

    def role(self, role_id: str) -> Role:
        """Return a role."""
        return self._store.read(lambda session: find_role(session, role_id))

    def put_learners(self, profiles: Sequence[LearnerProfile]) -> None:
        """Keep profiles, all or none; raise :class:`InvalidInput` where they name unknown roles."""
        now_us = to_us(self._clock())
        self._store.write(lambda session: registry.put_learners(session, profiles, now_us))

    def learners(
        self, query: str = "", limit: int = 50, after: str = ""
    ) -> tuple[LearnerProfile, ...]:
        """Return learners by id, from the first one after `after`.

        Parameters
        ----------
        query : str
            Looked for in ids, names and teams.
        limit : int
        after : str
            The last id of the page before.
        """
        return self._store.read(lambda session: session.learners.page(query, limit, after))

    def learner(self, learner_id: str) -> LearnerProfile:
        """Return a learner's profile."""
        return self._store.read(lambda session: find_learner(session, learner_id))

    # -- evidence

    def record(self, evidence: Sequence[Evidence]) -> Receipt:
        """Record a batch, all of it or nothing; what was recorded before changes nothing.

        What has no time happened now. Learners not seen before come into being.

        Raises
        ------
        InvalidInput
            Unknown items or modules, absurd times, missing ids: all of them.
        EvidenceConflict
            An id that was used before, for other content.
        """
        now = self._clock()
        bound = self._store.read(self._bind)
        batch = read_batch(evidence, bound.curriculum, now)

        def append(session: Session) -> Receipt:
            current = self._bind(session)
            if current is not bound:  # the catalogue changed since: look again
                read_batch(evidence, current.curriculum, now)
            return self._append(session, batch, current, now)

        return self._store.write(append)

    def evidence(self, learner_id: str) -> tuple[Evidence, ...]:
        """Return what was counted of a learner, in replay order, each with the time it has."""

        def look(session: Session) -> tuple[Evidence, ...]:
            find_learner(session, learner_id)
            return tuple(evidence_of(row) for row in session.evidence.of(learner_id))

        return self._store.read(look)

    # -- what follows from it

    def view(
        self, learner_id: str, role_id: str | None = None, *, at: datetime | None = None
    ) -> LearnerView:
        """Return a learner against a role, from which every answer about them can be taken.

        Parameters
        ----------
        learner_id : str
        role_id : str, optional
            The learner's current role where it is not given.
        at : datetime, optional
            The instant asked about, aware; now where it is not given.
        """
        instant = self._clock() if at is None else at

        def look(session: Session) -> tuple[LearnerView, Reading]:
            bound = self._bind(session)
            profile = find_learner(session, learner_id)
            role = registry.role_of(session, profile, role_id)
            ladder = registry.ladder_of(session, role)
            reading = read_knowledge(session, bound, learner_id)
            return LearnerView(bound, profile, reading.state, role, ladder, instant), reading

        view, reading = self._store.read(look)
        self._keep(reading, view.binding)
        return view

    def knowledge(self, learner_id: str) -> KnowledgeState:
        """Return what is believed of a learner after all the evidence so far."""

        def look(session: Session) -> tuple[Binding, Reading]:
            bound = self._bind(session)
            find_learner(session, learner_id)
            return bound, read_knowledge(session, bound, learner_id)

        bound, reading = self._store.read(look)
        self._keep(reading, bound)
        return reading.state

    def gaps(
        self, learner_id: str, role_id: str | None = None, at: datetime | None = None
    ) -> GapReport:
        """Return readiness for a role and the gap per target."""
        return self.view(learner_id, role_id, at=at).gaps()

    def mastery(
        self, learner_id: str, role_id: str | None = None, at: datetime | None = None
    ) -> MasteryReport:
        """Return mastery skill by skill, and readiness for a role."""
        return self.view(learner_id, role_id, at=at).mastery()

    def recommend(
        self,
        learner_id: str,
        role_id: str | None = None,
        limit: int = 3,
        allowed: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> RecommendationList:
        """Return what to take next, best first; see :meth:`LearnerView.recommend`."""
        return self.view(learner_id, role_id, at=at).recommend(limit=limit, allowed=allowed)

    def plan(
        self,
        learner_id: str,
        role_id: str | None = None,
        budget_minutes: float = 600.0,
        allowed: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> LearningPath:
        """Return a path to a role within a budget; see :meth:`LearnerView.plan`."""
        view = self.view(learner_id, role_id, at=at)
        return view.plan(budget_minutes=budget_minutes, allowed=allowed)

    def ladder(
        self, learner_id: str, role_id: str | None = None, at: datetime | None = None
    ) -> tuple[GapReport, ...]:
        """Return the gaps of every role on the ladder of a role, lowest rung first."""
        return self.view(learner_id, role_id, at=at).ladder()

    def growth(self, learner_id: str, role_id: str | None = None) -> tuple[GrowthPoint, ...]:
        """Return readiness for a role over time; see :func:`service.advice.growth`."""

        def look(session: Session) -> tuple[GrowthPoint, ...]:
            bound = self._bind(session)
            role = registry.role_of(session, find_learner(session, learner_id), role_id)
            return advice.growth(bound, learner_id, role, session.evidence.of(learner_id))

        return self._store.read(look)

    # -- models

    def install_model(self, json_text: str) -> str:
        """Check, keep and activate a model, and return its version.

        States of another model are replayed when they are next asked for.

        Raises
        ------
        ModelFormatError
            The text is no model that this version can read; nothing changes then.
        """
        content = tracer_from_json(json_text).to_json()
        version, now_us = tracer_version(content), to_us(self._clock())
        self._store.write(lambda session: session.tracers.activate(version, content, now_us))
        return version

    def models(self) -> tuple[ModelSummary, ...]:
        """Return every model that was installed, the newest first, then the default one."""
        return self._store.read(registry.models)

    def model(self, version: str) -> ModelSummary:
        """Return one model, with its content."""
        return self._store.read(lambda session: registry.model(session, version))

    @property
    def model_version(self) -> str:
        """The version of the current model."""
        versions = self._store.read(lambda session: session.versions())
        return versions.model_version or default_version()

    @property
    def tracer(self) -> Tracer:
        """The current model, over the current catalogue where there is one."""

        def look(session: Session) -> Tracer:
            bound = self._bind_if_any(session)
            return bound.tracer if bound else current_tracer(session, session.versions())

        return self._store.read(look)

    # -- inside

    def _replace_catalog(self, session: Session, curriculum: Curriculum) -> int:
        content = json.dumps(curriculum.to_records(), ensure_ascii=False, allow_nan=False)
        digest = hashlib.sha256(content.encode()).hexdigest()
        old = self._bind_if_any(session)
        registry.refuse_removals(session, old.curriculum if old else None, curriculum)
        return session.catalogs.put(content, digest, to_us(self._clock()))

    def _append(self, session: Session, batch: Batch, bound: Binding, now: datetime) -> Receipt:
        asked = [(row.kind, row.evidence_id) for row in batch.rows]
        new = batch.new(session.evidence.digests(asked))
        session.learners.add_unknown({row.learner_id for row in new}, to_us(now))
        session.evidence.append(new)
        apply_new(session, bound, new)
        return Receipt(len(new), len(batch.rows) - len(new), bound.model_version)

    def _bind_if_any(self, session: Session) -> Binding | None:
        versions, known = session.versions(), self._bound
        if known is None or known.versions != versions:
            known = bind(session, versions)
            self._bound = known
        return known

    def _bind(self, session: Session) -> Binding:
        bound = self._bind_if_any(session)
        if bound is None:
            raise NoCatalog
        return bound

    def _keep(self, reading: Reading, bound: Binding) -> None:
        """Write a state back that had to be replayed; if that fails, the next read replays it."""
        if reading.replayed is not None:
            with suppress(StoreUnavailable):
                self._store.write(lambda session: keep(session, bound, reading), wait_seconds=0.0)
