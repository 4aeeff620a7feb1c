"""What a service that starts tells whoever started it: the key, once, and the way to the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .console import say

if TYPE_CHECKING:
    from service.keys import Grant
    from service.workspace import Workspace

__all__ = ["login_address", "place_of", "show_key"]

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # listened on, not reached


def place_of(host: str, port: int) -> str:
    """Return where a service that listens on a host is reached from the same machine.

    Examples
    --------
    >>> place_of("0.0.0.0", 8000)
    'http://127.0.0.1:8000'
    """
    reached = _ANY.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def show_key(workspace: Workspace, database: str) -> str:
    """Make the first key of a database and print it; return what to put in a curl line."""
    issued = workspace.first_key()
    if issued is None:
        say("The key was shown at first start. With it in ATTAIN_KEY these lines work as they are;")
        say(f"`attain keys create LABEL --scope SCOPE --database {database}` makes another.")
        return "$ATTAIN_KEY"
    say(f"The key, shown this once: {issued.secret}")
    return str(issued.secret)


def login_address(
    workspace: Workspace, place: str, *, learner_id: str = "", grant: Grant | None = None
) -> str:
    """Return an address that opens the pages once, and shows a learner first where one is named.

    Parameters
    ----------
    workspace : Workspace
    place : str
        Where the service is: ``"http://127.0.0.1:8000"``.
    learner_id : str
    grant : Grant, optional
        What may be seen; every learner where it is not given.
    """
    from service.keys import Grant
    from service.scopes import Scope

    issued = workspace.invite("pages", grant or Grant([Scope.READ_ALL]))
    asked = {"code": str(issued.secret), **({"id": learner_id} if learner_id else {})}
    return f"{place}/login?{urlencode(asked)}"
