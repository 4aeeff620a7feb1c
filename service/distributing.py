"""Work on other processes and machines: the way to a Dask cluster, or to one of this machine's own.

What is submitted there is pure and names its source, so that a cluster that loses a worker makes
what was lost anew: partitions are read and laid out again, and passes under way repeated. Dask
gives a piece of work up once it has taken three workers with it, which tells of too little memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine import Fault, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.knowledge_tracing.executor import Executor

__all__ = ["Watched", "connected", "n_workers"]

_LOCAL = "local"
_PATIENCE_SECONDS = 30
_CLUSTER = {
    "distributed.scheduler.work-stealing": False,  # parts stay where they are
    "distributed.admin.large-graph-warning-threshold": "1GB",
}


@contextmanager
def connected(where: str) -> Iterator[Any]:
    """Give a Dask client, with at least one worker; what was started for it ends with it.

    Parameters
    ----------
    where : str
        The address of a scheduler such as ``tcp://10.0.0.7:8786``, or ``local`` for a process per
        core of this machine, ``local:4`` for four.

    Raises
    ------
    InvalidInput
        Dask is not installed, nothing answers there, or no worker is ready.
    """
    try:
        import dask
        from dask.distributed import Client, LocalCluster
    except ImportError:
        remedy = "pip install 'attain[offline]'"
        raise InvalidInput("--dask", [Fault("dask", "is not installed", remedy)]) from None
    with dask.config.set(_CLUSTER):
        kind, _, number = where.partition(":")
        if kind == _LOCAL:
            with (
                LocalCluster(
                    n_workers=_whole(number) if number else None,
                    threads_per_worker=1,
                    dashboard_address=":0",
                    env={"NUMBA_NUM_THREADS": "1"},
                ) as cluster,
                Client(cluster) as client,
            ):
                yield client
            return
        try:
            client = Client(where, timeout=_PATIENCE_SECONDS)
        except (OSError, ValueError) as error:
            raise _at(where, f"does not answer: {error}", "start `dask scheduler`") from None
        with client:
            _wait_for_a_worker(client, where)
            yield client


def _wait_for_a_worker(client: Any, where: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_SECONDS)
    except TimeoutError:
        remedy = f"start `NUMBA_NUM_THREADS=1 dask worker {where} --nthreads 1`, one per core"
        raise _at(where, "has no workers", remedy) from None


def _whole(number: str) -> int:
    if number.isdecimal() and int(number) > 0:
        return int(number)
    raise _at(f"{_LOCAL}:{number}", f"has {number!r} for a number of processes", "local:4, say")


def _at(where: str, problem: str, remedy: str) -> InvalidInput:
    return InvalidInput("--dask", [Fault(where, problem, remedy)])


def n_workers(client: Any) -> int:
    """Return how many workers a client's cluster has."""
    return len(client.nthreads())


class Watched:
    """An executor that tells how often it was waited for, which is once per pass.

    Parameters
    ----------
    executor : Executor
    tell : callable
        Takes the number so far.
    """

    def __init__(self, executor: Executor, tell: Callable[[int], None]) -> None:
        self.executor, self.tell, self.n = executor, tell, 0

    def submit(self, work: Callable[..., Any], /, *args: Any) -> Any:
        """Pass it on."""
        return self.executor.submit(work, *args)

    def gather(self, handles: list[Any], /) -> list[Any]:
        """Pass it on, and tell."""
        found = self.executor.gather(handles)
        self.n += 1
        self.tell(self.n)
        return found
