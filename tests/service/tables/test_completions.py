"""Completions in files: the same whichever file they lie in, and every fault with its line."""

import gzip
from datetime import UTC, datetime

import pytest

from engine import Completion, Curriculum, InvalidInput
from service.tables import read_completions

CURRICULUM = Curriculum.from_records(
    skills=[{"skill_id": "sql"}],
    modules=[
        {"module_id": name, "teaches": [{"skill_id": "sql", "learn": 0.4}], "minutes": 5}
        for name in ("joins-101", "select-101")
    ],
)
SOME = """user,module,timestamp,completion_id
007,joins-101,1772355600,c2
ada,select-101,1772355601.5,c1
"""
READ = (
    Completion("007", "joins-101", datetime(2026, 3, 1, 9, 0, 0, tzinfo=UTC), "c2"),
    Completion("ada", "select-101", datetime(2026, 3, 1, 9, 0, 1, 500_000, tzinfo=UTC), "c1"),
)


def test_the_same_completions_read_alike_from_csv_gzip_and_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (tmp_path / "some.csv").write_text(SOME, encoding="utf-8")
    (tmp_path / "some.csv.gz").write_bytes(gzip.compress(SOME.encode()))
    rows = [line.split(",") for line in SOME.splitlines()[1:]]
    user, module, told, own = zip(*rows, strict=True)
    times = pa.array([int(float(one) * 1e6) for one in told], pa.timestamp("us", "UTC"))
    columns = {"user": user, "module": module, "timestamp": times, "completion_id": own}
    parquet.write_table(pa.table(columns), tmp_path / "some.parquet")
    for name in ("some.csv", "some.csv.gz", "some.parquet"):
        names = {"learner": "user"}
        assert read_completions(tmp_path / name, names, curriculum=CURRICULUM) == READ


def test_every_fault_is_told_with_its_line(tmp_path):
    path = tmp_path / "some.csv"
    rows = [
        "c1,ada,joins-101,2026-03-01T09:00:00Z",
        "",
        "c1,ada,join-101,2026-03-01T09:00:00Z",
        "c3,,joins-101,yesterday",
    ]
    path.write_text("\n".join(["completion_id,learner,module,completed_at", *rows]), "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_completions(path, curriculum=CURRICULUM)
    told = str(refused.value)
    for text in (
        "completion log",
        "learner: is '' in line 5, expected an id",
        "module: is 'join-101' in line 4, expected a module of the curriculum; "
        "did you mean 'joins-101'",
        "completed_at: is 'yesterday' in line 5",
        "completion_id: is 'c1' in line 4, expected each id once",
    ):
        assert text in told


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("learner,module\nada,joins-101\n", "column 'completed_at' (or 'timestamp'): is missing"),
        ("learner,unit,timestamp\nada,joins-101,1\n", "column 'module': is missing; there are"),
        ("learner,module,timestamp\n", "at least one completion"),
    ],
)
def test_what_is_no_completion_log_is_refused(tmp_path, text, complaint):
    path = tmp_path / "some.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_completions(path)
    assert complaint in str(refused.value)


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "some.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"ends in \.json, expected \.csv, \.jsonl"):
        read_completions(tmp_path / "some.json")
    with pytest.raises(InvalidInput, match="does not exist"):
        read_completions(tmp_path / "none.csv")
