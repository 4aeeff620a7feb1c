"""Keys: who is allowed what, and the secret that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from typing import Literal

from engine.errors import Fault, InvalidInput

from .scopes import BINDING_SCOPES, Scope

__all__ = ["Grant", "IssuedKey", "Key", "Kind", "Secret", "new_key_id", "new_secret"]

Kind = Literal["key", "login", "session"]
"""A key of the interface; a login address, good for one visit; the session that it opens."""

_BYTES = 32
_PREFIXES: dict[Kind, str] = {
    "key": "attain_",
    "login": "attain_login_",
    "session": "attain_session_",
}


@dataclass(frozen=True)
class Grant:
    """What somebody is allowed: some scopes, and whom they are about.

    Parameters
    ----------
    scopes : iterable of Scope
    learner_id : str
        Whose `read-own` it is.
    team_ids : iterable of str
        Of which teams `read-team` is.

    Raises
    ------
    InvalidInput
        No scope at all; a scope without those whom it is about, or the reverse; a scope that is
        about somebody together with one that is about everybody.

    Examples
    --------
    >>> sorted(Grant([Scope.READ_OWN], learner_id="ada").scopes)
    [<Scope.READ_OWN: 'read-own'>]
    """

    scopes: frozenset[Scope]
    learner_id: str = ""
    team_ids: frozenset[str] = frozenset()

    def __init__(
        self, scopes: Iterable[Scope], learner_id: str = "", team_ids: Iterable[str] = ()
    ) -> None:
        object.__setattr__(self, "scopes", frozenset(scopes))
        object.__setattr__(self, "learner_id", learner_id)
        object.__setattr__(self, "team_ids", frozenset(team_ids))
        faults = list(self._faults())
        if faults:
            raise InvalidInput("key", faults)

    @property
    def bound(self) -> bool:
        """Whether it is about somebody, rather than about everybody."""
        return bool(self.learner_id or self.team_ids)

    @property
    def teams_in_sight(self) -> frozenset[str] | None:
        """The teams that lists are kept to; None where it is about everybody."""
        return self.team_ids if self.bound else None

    def within(self, scopes: Iterable[Scope]) -> Grant:
        """Return what is left of it where only some scopes count, of which it has one."""
        left = self.scopes.intersection(scopes)
        own = self.learner_id if Scope.READ_OWN in left else ""
        return Grant(left, own, self.team_ids if Scope.READ_TEAM in left else ())

    def _faults(self) -> Iterator[Fault]:
        if not self.scopes:
            yield Fault("scopes", "are none", f"choose among {', '.join(Scope)}")
        if (Scope.READ_OWN in self.scopes) != bool(self.learner_id):
            yield Fault("learner_id", "goes with read-own, and read-own with it", "give both")
        if (Scope.READ_TEAM in self.scopes) != bool(self.team_ids):
            yield Fault("team_ids", "go with read-team, and read-team with them", "give both")
        if "" in self.team_ids:
            yield Fault("team_ids", "has an empty one")
        beyond = ", ".join(sorted(self.scopes - BINDING_SCOPES))
        if self.bound and beyond:
            problem = f"are about somebody together with {beyond}, which is about everybody"
            yield Fault("scopes", problem, "make two keys")


@dataclass(frozen=True)
class Key:
    """A key as it is kept: everything but its secret, of which only a digest is.

    Parameters
    ----------
    tenant_id, key_id : str
    kind : str
        ``"key"``, ``"login"`` or ``"session"``.
    label : str
        What it is for, in its maker's words.
    grant : Grant
    created_at : datetime
    expires_at : datetime or None
        None where it does not expire.
    """

    tenant_id: str
    key_id: str
    kind: Kind
    label: str
    grant: Grant
    created_at: datetime
    expires_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Whether it is good no longer."""
        return self.expires_at is not None and now >= self.expires_at


class Secret(str):
    """What is shown once; neither a traceback nor a log tells it, unless asked for the text.

    Examples
    --------
    >>> Secret("attain_x")
    <secret>
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"

    @property
    def digest(self) -> bytes:
        """What is kept of it. No salt: 256 random bits are in no dictionary."""
        return sha256(self.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class IssuedKey:
    """A key just made, with the secret that will not be shown again."""

    secret: Secret
    key: Key


def new_secret(kind: Kind) -> Secret:
    """Return 256 random bits; the prefix tells people, and scanners for secrets, what they are.

    Examples
    --------
    >>> len(new_secret("key"))
    50
    """
    return Secret(_PREFIXES[kind] + token_urlsafe(_BYTES))


def new_key_id() -> str:
    """Return a name for a key, which is no secret."""
    return f"k-{token_hex(5)}"
