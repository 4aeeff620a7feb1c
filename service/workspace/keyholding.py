"""Keys made, listed, replaced and revoked; and the way from a login address to a session."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from engine.errors import UnknownId

from ..instants import from_us, to_us
from ..keys import Grant, IssuedKey, Key, Kind, Secret, new_key_id, new_secret
from ..scopes import BINDING_SCOPES, Scope
from ..store import KeyRow, Session
from .ground import Ground

__all__ = ["Keyholding"]

FIRST = Grant(frozenset(Scope) - BINDING_SCOPES)
"""What the first key of a database allows: all that is about everybody."""

_LOGIN = timedelta(minutes=15)


class Keyholding(Ground):
    """Who is allowed what in this tenant."""

    def create_key(
        self, label: str, grant: Grant, *, expires_at: datetime | None = None
    ) -> IssuedKey:
        """Make a key; its secret is in the answer, and nowhere else ever after."""
        return self._store.write(
            lambda session: self._issue(session, "key", label, grant, expires_at)
        )

    def first_key(self) -> IssuedKey | None:
        """Make a key that allows everything, unless there is a key already, of any tenant."""

        def work(session: Session) -> IssuedKey | None:
            if session.keys.any("key"):
                return None
            return self._issue(session, "key", "made at first start", FIRST, None)

        return self._store.write(work)

    def all_keys(self) -> tuple[Key, ...]:
        """Return every key, session and open login, the oldest first."""
        return tuple(map(_key, self._store.read(lambda session: session.keys.all())))

    def rotate_key(self, key_id: str, *, grace: timedelta) -> tuple[IssuedKey, Key]:
        """Make a key in place of another, which expires after a while; return both.

        The new one lasts as long as the old one was to last.

        Raises
        ------
        UnknownId
            There is no such key.
        """

        def work(session: Session) -> tuple[IssuedKey, Key]:
            old, now = _key(_find(session, key_id, "key")), self._clock()
            lasting = old.expires_at - old.created_at if old.expires_at else None
            expires_at = now + lasting if lasting else None
            issued = self._issue(session, "key", old.label, old.grant, expires_at)
            session.keys.expire(key_id, to_us(now + grace))
            return issued, _key(_find(session, key_id))

        return self._store.write(work)

    def revoke_key(self, key_id: str) -> Key:
        """Keep a key, a session or a login no longer; raise :class:`UnknownId` for what is none."""

        def work(session: Session) -> Key:
            revoked = _key(_find(session, key_id))
            session.keys.remove(key_id)
            return revoked

        return self._store.write(work)

    def key_of(self, digest: bytes) -> tuple[bytes, Key] | None:
        """Return the key, of any tenant, whose secret has a digest, and the digest that is kept."""
        row = self._store.read(lambda session: session.keys.of_digest(digest))
        return None if row is None else (row.digest, _key(row))

    def invite(self, label: str, grant: Grant) -> IssuedKey:
        """Make a login: good for one visit within a quarter of an hour."""
        expires_at = self._clock() + _LOGIN
        return self._store.write(
            lambda session: self._issue(session, "login", label, grant, expires_at)
        )

    def enter(self, login: Secret, lasting: timedelta) -> IssuedKey | None:
        """Use up a login of whatever tenant; return the session that it opens, if it is one."""
        if self.key_of(login.digest) is None:  # nobody is made to wait for the disk by guesses
            return None

        def work(session: Session) -> IssuedKey | None:
            row = session.keys.of_digest(login.digest)
            now = self._clock()
            if row is None or row.kind != "login" or _key(row).expired(now):
                return None
            theirs = session.of(row.tenant_id)
            theirs.keys.remove(row.key_id)
            expires_at = now + lasting
            return self._issue(theirs, "session", row.label, _key(row).grant, expires_at)

        return self._store.write(work)

    def _issue(
        self, session: Session, kind: Kind, label: str, grant: Grant, expires_at: datetime | None
    ) -> IssuedKey:
        secret, now = new_secret(kind), self._clock()
        row = KeyRow(
            tenant_id=session.tenant_id,
            key_id=new_key_id(),
            kind=kind,
            digest=secret.digest,
            label=label,
            scopes=json.dumps(sorted(grant.scopes)),
            learner_id=grant.learner_id,
            team_ids=json.dumps(sorted(grant.team_ids)),
            created_at_us=to_us(now),
            expires_at_us=None if expires_at is None else to_us(expires_at),
        )
        session.keys.sweep(to_us(now))
        session.keys.add(row)
        return IssuedKey(secret, _key(row))


def _find(session: Session, key_id: str, kind: str = "") -> KeyRow:
    row = session.keys.find(key_id)
    if row is None or (kind and row.kind != kind):
        known = [one.key_id for one in session.keys.all() if not kind or one.kind == kind]
        raise UnknownId("key", key_id, known)
    return row


def _key(row: KeyRow) -> Key:
    return Key(
        tenant_id=row.tenant_id,
        key_id=row.key_id,
        kind=row.kind,  # type: ignore[arg-type]  # this module has written it
        label=row.label,
        grant=Grant(map(Scope, json.loads(row.scopes)), row.learner_id, json.loads(row.team_ids)),
        created_at=from_us(row.created_at_us),
        expires_at=None if row.expires_at_us is None else from_us(row.expires_at_us),
    )
