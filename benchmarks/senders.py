"""The load generator: requests over keep-alive connections, as fast as answered or at a pace."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Coroutine, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

__all__ = ["Connection", "flood", "pace", "request", "run"]


def request(key: str, method: str, path: str, body: Any = None) -> bytes:
    """Return a request as it goes over the wire."""
    text = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n"
    kind = "Content-Type: application/json\r\n" if body is not None else ""
    return (head + kind + f"Authorization: Bearer {key}\r\n\r\n").encode() + text


class Connection(asyncio.Protocol):
    """A connection that is asked one thing at a time."""

    def __init__(self) -> None:
        self._came = b""
        self._answer: asyncio.Future[bytes] | None = None

    @classmethod
    async def to(cls, port: int) -> Connection:
        """Connect to a port of this machine."""
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("hung up without an answer"))

    def data_received(self, data: bytes) -> None:
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        start = self._came.lower().index(b"content-length:") + 15
        length = int(self._came[start : self._came.index(b"\r", start)])
        if len(self._came) >= end + 4 + length:
            whole, self._came = self._came, b""
            self._answer.set_result(whole)

    async def ask(self, sent: bytes) -> None:
        """Send a request and wait for the answer; anything but a 200 ends it all."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(sent)
        answer = await self._answer
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered: {answer[:700]!r}")

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


async def flood(port: int, requests: Sequence[bytes], connections: int) -> np.ndarray:
    """Send requests over so many connections, each when the one before is answered.

    Returns
    -------
    numpy.ndarray
        What each took, in seconds.
    """
    taken: list[float] = []

    async def one(part: Sequence[bytes]) -> None:
        connection = await Connection.to(port)
        for sent in part:
            started = time.perf_counter()
            await connection.ask(sent)
            taken.append(time.perf_counter() - started)
        connection.close()

    await asyncio.gather(*(one(requests[i::connections]) for i in range(connections)))
    return np.array(taken)


async def pace(
    port: int, requests: Sequence[bytes], connections: int, per_second: float
) -> np.ndarray:
    """Send so many requests a second, answered or not; a request waits for a free connection.

    Returns
    -------
    numpy.ndarray
        What each took from the instant when it was due, in seconds.
    """
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await Connection.to(port))
    begun = time.perf_counter()

    async def one(n: int) -> float:
        due = begun + n / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        connection = await free.get()
        await connection.ask(requests[n])
        free.put_nowait(connection)
        return time.perf_counter() - due

    taken = await asyncio.gather(*map(one, range(len(requests))))
    while not free.empty():
        free.get_nowait().close()
    return np.array(taken)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run the generator on the quickest loop that there is: it shares the machine's cores.

    Meanwhile nobody looks for garbage: that takes a tenth of a second here, and would be told as
    the service's.
    """
    factory = None
    if find_spec("uvloop") is not None:
        import uvloop  # type: ignore[import-not-found, unused-ignore]

        factory = uvloop.new_event_loop
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(work)
    finally:
        gc.enable()
