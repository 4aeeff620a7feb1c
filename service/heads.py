"""Heads of requests that end: the quick parser, as guarded as the other one is of itself.

It takes httptools, which is there wherever it can be; without, requests are read by h11, which
takes no head of more than 64 KiB.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["HEAD_SECONDS", "LARGEST_HEAD_BYTES", "BoundedHeads"]

# Well above what is read at once (256 KiB): of that, a part may be of the request before.
LARGEST_HEAD_BYTES = 512 * 1024
HEAD_SECONDS = 30.0


class BoundedHeads(HttpToolsProtocol):
    """A connection that is closed when the head of a request goes on and on, or does not come.

    The parser keeps what has come of a head until it is whole, however much that is, and waits for
    the rest of it for ever; bodies are limited where they are read.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_bytes: int | None = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head, for so long."""
        super().connection_made(transport)
        self._be_patient()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, of a head up to its limit."""
        super().data_received(data)
        if self._head_bytes is None:  # a body is coming in
            return
        self._head_bytes += len(data)
        self._be_patient()
        if self._head_bytes > LARGEST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._head_bytes = None
        self._wait_no_more()
        super().on_headers_complete()

    def _be_patient(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
