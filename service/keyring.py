"""Which key a secret is, remembered for a moment so that most requests ask no database."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hmac import compare_digest

from .keys import Key, Kind, Secret
from .workspace import Workspace

__all__ = ["FRESH_SECONDS", "Keyring"]

FRESH_SECONDS = 2.0
"""How long a key may still serve after another process has revoked it."""

_NOBODYS = bytes(32)


class Keyring:
    """The keys of a database, every tenant's, looked up by the digest of what was shown.

    What the database said of a digest, that it knows it or not, is remembered for two seconds: a
    revocation takes hold within them, in every process. A secret that is none is so answered in
    the same time as one that is: what differs is only whether just this one was shown a moment
    ago. Nothing is learned of how near a guess was, since no secret is ever compared, only
    digests, and those in constant time.

    Parameters
    ----------
    workspace : Workspace
        Of any tenant.
    most : int
        How many to remember.
    clock : callable, optional
        Seconds that only ever grow.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._most = most
        self._clock = clock
        self._gate = threading.Lock()
        self._known: OrderedDict[bytes, tuple[float, tuple[bytes, Key] | None]] = OrderedDict()

    def find(self, secret: Secret, kind: Kind) -> Key | None:
        """Return the key of a kind that a secret is, or None where it is none, or expired.

        Raises
        ------
        StoreError
            The database does not answer.
        """
        digest = secret.digest
        known, key = self._look(digest) or (_NOBODYS, None)
        same = compare_digest(known, digest)
        if not same or key is None or key.kind != kind or key.expired(self._workspace.now()):
            return None
        return key

    def forget(self, secret: Secret) -> None:
        """Ask the database when a secret is next shown."""
        self._known.pop(secret.digest, None)

    def _look(self, digest: bytes) -> tuple[bytes, Key] | None:
        now, known = self._clock(), self._known.get(digest)
        if known is not None and now < known[0] + FRESH_SECONDS:
            return known[1]
        found = self._workspace.key_of(digest)
        with self._gate:
            self._known[digest] = (now, found)
            self._known.move_to_end(digest)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return found
