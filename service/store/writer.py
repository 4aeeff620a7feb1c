"""The one writer: pieces of work share a commit, and are answered when it is on the disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import groupby
from queue import Empty, Full, Queue
from typing import Any, NamedTuple, TypeVar

from ..errors import StoreUnavailable
from .connection import Connection

__all__ = ["Joint", "Writer"]

Answer = TypeVar("Answer")
Joint = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Work that is done on many things at once; it answers each, or has an exception for it."""

_MOST_WAITING = 1024
_MOST_TOGETHER = 256
# Of a transaction that still takes more in. Were it much less, nothing would share a commit any
# more where each statement has to wait for its turn: on a busy machine, or on a server.
_LONGEST_SECONDS = 0.1


class _Piece(NamedTuple):
    """Work handed in, and where its answer goes; None is the sign to stop."""

    work: Callable[[Connection], Any]
    answer: Future[Any]
    alone: bool = False
    joint: Joint | None = None
    given: Any = None


class _Undone(NamedTuple):
    """The error of a piece that was rolled back by itself."""

    error: BaseException


class _AllUndone(Exception):  # it says what happened
    """The database has rolled the whole transaction back in the middle of a piece."""


class Writer:
    """A thread that owns the only connection that writes.

    What was handed in while a transaction was on its way to the disk shares the next one, each
    piece within a savepoint: one that fails is rolled back alone. A commit that waits for the disk
    is so paid for once by all of them. Nobody is answered before it. Where no transaction can
    begin, because somebody else holds the lock for too long, all that waits is refused at once.

    Parameters
    ----------
    connection : Connection
        The writer's from now on.
    most_waiting : int
        How many pieces may wait; more are refused.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from service.store.sqlite import connect
    >>> folder = TemporaryDirectory()
    >>> writer = Writer(connect(Path(folder.name, "x.db"), mode="rwc", busy_seconds=1.0))
    >>> writer.submit(lambda connection: connection.execute("SELECT 1").fetchone()).result()
    (1,)
    >>> writer.close()
    >>> folder.cleanup()
    """

    def __init__(self, connection: Connection, *, most_waiting: int = _MOST_WAITING) -> None:
        self._connection = connection
        self._name = connection.name
        self._pieces: Queue[_Piece | None] = Queue(most_waiting)
        self._gate = threading.Lock()
        self._closed = False
        self._under_way = 0
        self.commits = 0
        self.pieces = 0
        self._thread = threading.Thread(target=self._run, name="attain-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many pieces are waiting or under way."""
        return self._pieces.qsize() + self._under_way

    def submit(
        self, work: Callable[[Connection], Answer], *, alone: bool = False
    ) -> Future[Answer]:
        """Hand a piece of work in, and return where its answer will be, once it is committed.

        Parameters
        ----------
        work : callable
            Runs in a transaction; a second time where the first was undone for others' sake.
        alone : bool
            Run it outside any transaction, as VACUUM and checkpoints must be.

        Raises
        ------
        StoreUnavailable
            Too much is waiting, or the writer is closed.
        """
        return self._put(_Piece(work, Future(), alone))

    def submit_joint(self, work: Joint, given: Answer) -> Future[Any]:
        """Hand in what work is to be done on, and return where its answer will be.

        Parameters
        ----------
        work : callable
            Equal works that wait behind one another are done as one, on what was given to each of
            them; where that raises, on each by itself.
        given : object

        Raises
        ------
        StoreUnavailable
            Too much is waiting, or the writer is closed.
        """

        def by_itself(connection: Connection) -> Any:
            (answer,) = work(connection, [given])
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return self._put(_Piece(by_itself, Future(), joint=work, given=given))

    def _put(self, piece: _Piece) -> Future[Any]:
        with self._gate:
            if self._closed:
                raise StoreUnavailable(f"the database {self._name} is closed")
            try:
                self._pieces.put_nowait(piece)
            except Full:
                raise StoreUnavailable(
                    f"the database {self._name} is busy writing: {self._pieces.maxsize} wait"
                ) from None
        return piece.answer

    def close(self) -> None:
        """Finish what was handed in, then stop; a second time does nothing."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
        self._pieces.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (piece := self._pieces.get()) is not None:
            if piece.alone:
                self._run_alone(piece)
            elif self._run_group(piece):
                return

    def _run_group(self, first: _Piece) -> bool:
        """Run a piece and those that wait behind it; return whether the sign to stop came."""
        group, following = [first], None
        stop, gathered = False, False
        while not gathered and len(group) < _MOST_TOGETHER:
            try:
                following = self._pieces.get_nowait()
            except Empty:
                break
            stop = following is None
            gathered = following is None or following.alone
            if following is not None and not following.alone:
                group.append(following)
        self._commit(group)
        if following is not None and following.alone:
            self._run_alone(following)
        return stop

    def _run_alone(self, piece: _Piece) -> None:
        if not piece.answer.set_running_or_notify_cancel():
            return
        try:
            with self._connection.translated():
                answer = piece.work(self._connection)
        except BaseException as error:  # whatever it is, it is the caller's
            piece.answer.set_exception(error)
        else:
            piece.answer.set_result(answer)

    def _commit(self, group: Sequence[_Piece]) -> None:
        """Run pieces in as few transactions as their time allows, and answer each after its own."""
        live = [piece for piece in group if piece.answer.set_running_or_notify_cancel()]
        while live:
            self._under_way = len(live)
            done = self._answer(live)
            live = live[done:]
        self._under_way = 0

    def _answer(self, pieces: Sequence[_Piece]) -> int:
        """Run the first of the pieces in one transaction and answer them; return how many."""
        try:
            self._begin()
        except BaseException as error:  # whoever waits behind them has waited long enough, too
            _refuse([*pieces, *self._taken_back()], error)
            return len(pieces)
        try:
            with self._connection.translated():
                answers = self._transaction(pieces)
        except _AllUndone as undone:
            if len(pieces) > 1:  # one of them is at fault: each by itself
                return sum(self._answer([piece]) for piece in pieces)
            answers = [_Undone(undone.__cause__ or undone)]
        except BaseException as error:  # nothing was committed
            answers = [_Undone(error)] * len(pieces)
        for piece, answer in zip(pieces, answers, strict=False):
            if isinstance(answer, _Undone):
                piece.answer.set_exception(answer.error)
            else:
                piece.answer.set_result(answer)
        return len(answers)

    def _begin(self) -> None:
        try:
            with self._connection.translated():
                self._connection.begin(writing=True)
        except BaseException:
            self._undo()
            raise

    def _taken_back(self) -> list[_Piece]:
        """Return the pieces that wait and are to be answered, out of the queue."""
        pieces = []
        with suppress(Empty):
            while (piece := self._pieces.get_nowait()) is not None:
                if piece.answer.set_running_or_notify_cancel():
                    pieces.append(piece)
            self._pieces.put_nowait(None)  # the sign to stop, the last that can be in it
        return pieces

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _transaction(self, pieces: Sequence[_Piece]) -> list[Any]:
        answers: list[Any] = []
        try:
            end = time.monotonic() + _LONGEST_SECONDS
            for run in _runs(pieces):
                answers += self._run_joint(run)
                if time.monotonic() > end:
                    break
            self._connection.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        self.commits += 1
        self.pieces += len(answers)
        return answers

    def _run_joint(self, run: Sequence[_Piece]) -> Sequence[Any]:
        """Return the answers to pieces of equal work, done as one unless that fails."""
        joint = run[0].joint
        if joint is not None and len(run) > 1:
            given = [piece.given for piece in run]
            answers = self._in_savepoint(lambda connection: joint(connection, given))
            if not isinstance(answers, _Undone):
                return [_Undone(one) if isinstance(one, BaseException) else one for one in answers]
        return [self._in_savepoint(piece.work) for piece in run]

    def _in_savepoint(self, work: Callable[[Connection], Any]) -> Any:
        self._connection.execute("SAVEPOINT piece")
        try:
            with self._connection.translated():
                answer = work(self._connection)
        except BaseException as error:  # whatever it is, it is the caller's
            if not self._connection.in_transaction:  # a full disk undoes everything at once
                raise _AllUndone from error
            self._connection.execute("ROLLBACK TO piece")
            answer = _Undone(error)
        self._connection.execute("RELEASE piece")
        return answer


def _refuse(pieces: Sequence[_Piece], error: BaseException) -> None:
    for piece in pieces:
        piece.answer.set_exception(error)


def _runs(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Part pieces into those that are next to each other and of equal joint work."""
    for _, run in groupby(pieces, key=lambda piece: piece.joint or piece.answer):
        yield list(run)
