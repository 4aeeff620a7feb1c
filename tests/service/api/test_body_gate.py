"""Bodies too large are refused before they are read, whatever is said of their length."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from service.app import create_app
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

STORES = ("sqlite", "postgres")
MEBIBYTE = 1024 * 1024


class Sender:
    """A client that sends a body in pieces of a mebibyte, and counts those that were taken."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.taken = 0
        self.messages: list[Message] = []

    async def receive(self) -> Message:
        self.taken += 1
        more = self.taken < self.pieces
        return {"type": "http.request", "body": b" " * MEBIBYTE, "more_body": more}

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])


def post(workspace: Workspace, sender: Sender, *headers: tuple[bytes, bytes]) -> None:
    secret = workspace.create_key("sender", FIRST).secret
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/responses",
        "raw_path": b"/v1/responses",
        "query_string": b"",
        "headers": [
            (b"authorization", f"Bearer {secret}".encode()),
            (b"content-type", b"application/json"),
            *headers,
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(create_app(workspace)(scope, sender.receive, sender.send))


def test_a_body_said_to_be_too_large_is_not_read_at_all(workspace: Workspace) -> None:
    sender = Sender(50)
    post(workspace, sender, (b"content-length", b"52428800"))
    assert (sender.status, sender.taken) == (413, 0)


@pytest.mark.parametrize(
    "header", [(b"transfer-encoding", b"chunked"), (b"content-length", b"100")]
)
def test_a_body_without_a_length_or_with_a_false_one_is_read_to_the_limit(
    workspace: Workspace, header: tuple[bytes, bytes]
) -> None:
    sender = Sender(50)
    post(workspace, sender, header)
    assert (sender.status, sender.taken) == (413, 9)


def test_a_body_within_the_limit_is_read_whole(workspace: Workspace) -> None:
    sender = Sender(8)
    post(workspace, sender, (b"transfer-encoding", b"chunked"))
    assert (sender.status, sender.taken) == (400, 8)  # blanks are no JSON


def test_an_absurd_length_is_too_large(workspace: Workspace) -> None:
    sender = Sender(1)
    post(workspace, sender, (b"content-length", b"9" * 5000))
    assert sender.status == 413
