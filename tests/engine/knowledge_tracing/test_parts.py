"""Fitting evidence in parts: however it is parted and wherever it lies, the fit is the same."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.domain.joining import joined, split_by_learner
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT, DynamicIRT
from engine.knowledge_tracing import bkt as bkt_module
from engine.knowledge_tracing.compute import Reference
from engine.knowledge_tracing.executor import Here

MakeLog = Callable[..., ResponseLog]


class Pickling(Here):
    """Does everything here, but hands over bytes, as if it were elsewhere."""

    def __init__(self) -> None:
        self.submitted: list[str] = []

    def submit(self, work: Callable[..., Any], /, *args: Any) -> Any:
        self.submitted.append(getattr(work, "__name__", type(work).__name__))
        work, given = pickle.loads(pickle.dumps((work, args)))
        found = work(
            *(pickle.loads(one.content) if isinstance(one, Away) else one for one in given)
        )
        return Away(pickle.dumps(found))

    def gather(self, handles: list[Any], /) -> list[Any]:
        return [pickle.loads(one.content) for one in handles]


class Away:
    """A handle of what is elsewhere."""

    def __init__(self, content: bytes) -> None:
        self.content = content


def _classical(make_log: MakeLog, seed: int) -> ResponseLog:
    """A log of which the forest alone is kept: one skill an item, one level, right or wrong."""
    log = make_log(seed, 800, n_learners=40, n_levels=1)
    lone = np.array([len(one) == 1 for one in log.skill_sets])[log.skill_set]
    log = log.select(lone)
    return replace(log, score=(log.score > 0.4).astype(np.float64))


LOGS: dict[str, Callable[[MakeLog], ResponseLog]] = {
    "one skill an item": lambda make_log: _classical(make_log, 1),
    "several skills and levels": lambda make_log: make_log(2, 600, n_learners=30),
    "levels of single skills": lambda make_log: _at_levels(_classical(make_log, 3)),
}


def _at_levels(log: ResponseLog) -> ResponseLog:
    """The same with a second level that few answers look at, and few parts."""
    sets = tuple(tuple(one._replace(level=2) for one in skill_set) for skill_set in log.skill_sets)
    high = log.learner < 4
    return replace(
        log,
        skill_sets=(*log.skill_sets, *sets),
        skill_set=np.where(high, log.skill_set + len(sets), log.skill_set).astype(np.int32),
    )


def _same(one: BKT, other: BKT) -> None:
    assert one.parameters_.keys() == other.parameters_.keys()
    for skill_id, levels in one.parameters_.items():
        for level, found in levels.items():
            np.testing.assert_allclose(found, other.parameters_[skill_id][level], atol=1e-9)
    assert one.report_.objective == pytest.approx(other.report_.objective, abs=1e-6)
    assert one.report_.warnings == other.report_.warnings
    assert one._when_fitted.items == other._when_fitted.items
    frame, as_well = one.parameters_frame(0.9), other.parameters_frame(0.9)
    np.testing.assert_allclose(frame["learn_se"], as_well["learn_se"], atol=1e-6)


@pytest.mark.parametrize("n", [1, 3, 8])
@pytest.mark.parametrize("kind", LOGS)
def test_partitions_by_learner_give_what_the_whole_log_gives(
    make_log: MakeLog, kind: str, n: int
) -> None:
    log, options = LOGS[kind](make_log), {"max_iterations": 12, "forget": "opportunity"}
    _same(BKT(**options).fit(split_by_learner(log, n)), BKT(**options).fit(log))


@pytest.mark.parametrize("kind", LOGS)
def test_the_plain_passes_take_parts_as_well(
    make_log: MakeLog, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LOGS[kind](make_log)
    compiled = BKT(max_iterations=4, restarts=2).fit(log)
    monkeypatch.setattr(bkt_module, "fastest_passes", Reference)
    _same(BKT(max_iterations=4, restarts=2).fit(split_by_learner(log, 3)), compiled)


@pytest.mark.parametrize("kind", LOGS)
def test_parts_may_lie_elsewhere(make_log: MakeLog, kind: str) -> None:
    log, away = LOGS[kind](make_log), Pickling()
    handles = [away.submit(joined, [one]) for one in split_by_learner(log, 3)]
    _same(BKT(max_iterations=8).fit(handles, executor=away), BKT(max_iterations=8).fit(log))


def test_each_pass_is_one_piece_of_work_per_part(make_log: MakeLog) -> None:
    log, away = _classical(make_log, 1), Pickling()
    report = BKT(max_iterations=5, restarts=1).fit(split_by_learner(log, 2), executor=away).report_
    assert report
    laid_out = ["lay_out", "lay_out", "outline_of", "outline_of", "over", "over"]
    assert away.submitted[:6] == laid_out
    assert set(away.submitted[6:]) == {"count"}
    assert len(away.submitted[6:]) % 2 == 0


def test_torn_histories_are_brought_together(make_log: MakeLog) -> None:
    log = make_log(4, 600, n_learners=20)
    rows = np.arange(len(log))
    torn = [log.select(rows % 3 == k) for k in range(3)]
    whole = BKT(max_iterations=8).fit(log)
    _same(BKT(max_iterations=8).fit(torn), whole)
    _same(BKT(max_iterations=8).fit(torn, executor=Pickling()), whole)


def test_a_learner_whom_a_cut_goes_through_is_moved_alone(make_log: MakeLog) -> None:
    log = _classical(make_log, 4)
    log = log.select(np.argsort(log.learner, kind="stable"))
    cut = np.searchsorted(log.learner, 7) + 3
    torn, away = [log.select(np.arange(cut)), log.select(np.arange(cut, len(log)))], Pickling()
    _same(BKT(max_iterations=8).fit(torn, executor=away), BKT(max_iterations=8).fit(log))
    assert away.submitted.count("lay_out") == 2 + 3
    summary = BKT(max_iterations=1).fit(torn).learned_from_
    assert summary == BKT(max_iterations=1).fit(log).learned_from_


def test_parts_are_read_one_after_the_other(make_log: MakeLog) -> None:
    parts = split_by_learner(_classical(make_log, 5), 4)
    open_at_once: list[int] = []

    def read() -> Iterator[ResponseLog]:
        for k, one in enumerate(parts):
            open_at_once.append(k)
            yield one

    _same(BKT(max_iterations=6).fit(read()), BKT(max_iterations=6).fit(joined(parts)))
    assert open_at_once == [0, 1, 2, 3]
    _same(
        BKT(max_iterations=6).fit([partial(_given, one) for one in parts], executor=Pickling()),
        BKT(max_iterations=6).fit(parts),
    )


def _given(log: ResponseLog) -> ResponseLog:
    return log


def test_torn_histories_that_are_read_only_once_are_refused(make_log: MakeLog) -> None:
    log = make_log(4)
    torn = [log.select(np.arange(len(log)) % 2 == k) for k in range(2)]
    for once in (iter(torn), [iter([one]) for one in torn]):
        with pytest.raises(InvalidInput, match=r"learners: have responses in.*a list"):
            BKT().fit(once)


def test_parts_with_other_columns_are_refused(make_log: MakeLog) -> None:
    one, other = split_by_learner(make_log(4), 2)
    with pytest.raises(InvalidInput, match="order: is missing in part 1, but not in part 0"):
        BKT().fit([one, replace(other, order=None)])
    with pytest.raises(InvalidInput, match="order: is missing in part 1"):
        DynamicIRT().fit([one, replace(other, order=None)])


@pytest.mark.parametrize("none", [[], [None, None]])
def test_no_evidence_in_any_part_is_refused(make_log: MakeLog, none: Sequence[None]) -> None:
    log = make_log(4)
    with pytest.raises(InvalidInput, match="at least one"):
        BKT().fit([log.select([]) for _ in none])


def test_parts_without_rows_are_passed_over(make_log: MakeLog) -> None:
    log = _classical(make_log, 6)
    _same(BKT(max_iterations=5).fit([log.select([]), log]), BKT(max_iterations=5).fit(log))


def test_what_goes_beyond_skills_is_fitted_to_the_logs_joined(make_log: MakeLog) -> None:
    log = make_log(7)
    parts, options = split_by_learner(log, 3), {"noise": "item", "max_iterations": 6}
    one, other = BKT(**options).fit(parts), BKT(**options).fit(log)
    for found, expected in zip(
        one.noise_frame()["guess"], other.noise_frame()["guess"], strict=True
    ):
        assert found == pytest.approx(expected, abs=1e-9)
    with pytest.raises(InvalidInput, match="executor: knows only skills"):
        BKT(noise="item").fit(parts, executor=Here())


def test_a_fit_to_parts_begins_where_an_older_one_ended(make_log: MakeLog) -> None:
    log = _classical(make_log, 8)
    older = BKT().fit(log)
    again = BKT(max_iterations=3).fit(split_by_learner(log, 2), start_from=older)
    _same(again, BKT(max_iterations=3).fit(log, start_from=older))
