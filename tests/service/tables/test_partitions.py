"""Logs in many files: which parts there are, and what each of them reads."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InvalidInput
from engine.domain.joining import as_log
from service.tables import is_several, partitions_of, read_log
from service.tables.partitions import _Group, _runs

pa = pytest.importorskip("pyarrow")


@pytest.fixture
def folder(tmp_path):
    """Three files of 40, 60 and 100 rows in row groups of 10, one of them deeper."""
    from pyarrow import parquet

    rng, first = np.random.default_rng(1), 0
    for name, n in (("a.parquet", 40), ("b.parquet", 60), ("deep/c.parquet", 100)):
        table = pa.table(
            {
                "who": [f"learner {k // 7}" for k in range(first, first + n)],
                "item": [f"item {k % 5}" for k in range(n)],
                "skills": [("sql", "charts")[k % 2] for k in range(n)],
                "correct": rng.integers(0, 2, n).astype(np.int8),
            }
        )
        (tmp_path / name).parent.mkdir(exist_ok=True)
        parquet.write_table(table, tmp_path / name, row_group_size=10)
        first += n
    (tmp_path / "notes.txt").write_text("no log", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_parts_have_all_rows_once_in_the_order_of_the_files(folder, n):
    names = {"learner": "who"}
    parts = partitions_of(folder, names, n=n, most_rows=30)
    assert len(parts) == n
    logs = [log for part in parts for log in part()]
    assert max(map(len, logs)) <= 30
    assert [part.n_rows for part in parts] == [sum(map(len, part())) for part in parts]
    files = [folder / "a.parquet", folder / "b.parquet", folder / "deep" / "c.parquet"]
    whole, joined = as_log([read_log(one, names) for one in files]), as_log(parts)
    assert joined.score.tolist() == whole.score.tolist()
    assert joined.learner_ids == whole.learner_ids
    np.testing.assert_array_equal(joined.learner, whole.learner)


def test_a_pattern_names_files_and_a_file_itself(folder):
    assert is_several(folder)
    assert is_several(folder / "*.parquet")
    assert not is_several(folder / "a.parquet")
    assert sum(one.n_rows for one in partitions_of(folder / "*.parquet")) == 100
    assert sum(one.n_rows for one in partitions_of(folder / "a.parquet", n=2)) == 40


def test_json_lines_are_parted_file_by_file_and_not_beside_parquet(folder, tmp_path):
    place = tmp_path / "lines"
    place.mkdir()
    for name, n in (("a.jsonl", 3), ("b.ndjson", 5), ("c.jsonl", 4), ("d.jsonl", 0)):
        rows = (
            {"learner": f"{name} {k}", "item": "q", "skills": ["s"], "score": 1} for k in range(n)
        )
        (place / name).write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    parts = partitions_of(place, n=2)
    assert [part.n_rows for part in parts] == [sum(map(len, part())) for part in parts] == [8, 4]
    assert as_log(parts).learner_ids[2:4] == ("a.jsonl 2", "b.ndjson 0")
    with pytest.raises(InvalidInput, match="both Parquet files and JSON Lines"):
        partitions_of(folder)


def test_a_folder_without_logs_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="has no Parquet files or JSON Lines"):
        partitions_of(tmp_path)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 8))
def test_runs_are_as_even_as_row_groups_allow(sizes, n):
    runs = list(_runs([_Group("file", k, size) for k, size in enumerate(sizes)], n))
    assert [group.number for run in runs for group in run] == list(range(len(sizes)))
    fair = sum(sizes) / n
    assert len(runs) <= n
    assert all(sum(group.n_rows for group in run) <= fair + max(sizes) for run in runs)
