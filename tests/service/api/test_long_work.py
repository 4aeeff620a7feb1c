"""Long work goes one piece at a time, and too much of it is refused."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from service.api.long_work import LongWork
from service.errors import TooBusy


def test_one_piece_is_done_at_a_time_while_the_loop_goes_on() -> None:
    there, most_there = 0, 0
    go_on = threading.Event()

    def piece() -> int:
        nonlocal there, most_there
        there += 1
        most_there = max(most_there, there)
        assert go_on.wait(10)
        there -= 1
        return 1

    async def all_of_it() -> list[int]:
        work = LongWork(3)
        pieces = [asyncio.create_task(work(piece)) for _ in range(3)]
        await asyncio.sleep(0)  # all of them are there
        with pytest.raises(TooBusy, match="3 pieces of long work"):
            await work(piece)
        go_on.set()  # the loop was free to say so
        return await asyncio.gather(*pieces)

    assert asyncio.run(all_of_it()) == [1, 1, 1]
    assert most_there == 1


def test_a_piece_that_fails_makes_room_for_the_next() -> None:
    def failing() -> None:
        raise RuntimeError("no")

    async def twice() -> int:
        work = LongWork(1)
        with pytest.raises(RuntimeError, match="no"):
            await work(failing)
        return await work(lambda: 2)

    assert asyncio.run(twice()) == 2


def test_who_finds_too_many_waiting_is_told_to_come_back(client: TestClient) -> None:
    client.app.state.long_work = LongWork(0)  # type: ignore[attr-defined]
    refused = client.get("/v1/learners/ada/path?method=exact")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert "ask for the greedy path" in refused.json()["detail"]
    assert client.get("/v1/learners/ada/path").status_code == 200


@pytest.mark.parametrize("method", ["greedy", "exact"])
def test_exact_paths_alone_wait_for_each_other(
    client: TestClient, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, seen = LongWork(), list[str]()

    async def noted(call: Callable[[], object]) -> object:
        seen.append(method)
        return await work(call)

    monkeypatch.setattr(client.app.state, "long_work", noted)  # type: ignore[attr-defined]
    assert client.get(f"/v1/learners/ada/path?method={method}").status_code == 200
    assert seen == (["exact"] if method == "exact" else [])
