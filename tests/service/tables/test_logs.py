"""Response logs in files."""

import gzip
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Curriculum, InvalidInput
from service.tables import read_log
from service.tables.arrow_csv import text_table

LOG = """learner,item,skills,correct,order,fold,timestamp
ada,q1,sql,1,0,1,100
ada,q2,sql~charts,0,1,1,200
grace,q1,sql,1,0,2,150
"""


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_log_in_csv_keeps_its_rows_in_their_order(tmp_path):
    log = read_log(write(tmp_path / "log.csv", LOG))
    assert [log.learner_ids[k] for k in log.learner] == ["ada", "ada", "grace"]
    assert log.skill_ids == ("charts", "sql")
    assert log.score.tolist() == [1.0, 0.0, 1.0]
    assert log.fold.tolist() == [1, 1, 2]
    assert log.answered_at[1] == np.datetime64("1970-01-01T00:03:20")


def test_the_same_log_reads_alike_from_csv_gzip_and_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import csv, parquet

    plain = write(tmp_path / "log.csv", LOG)
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(LOG.encode()))
    parquet.write_table(csv.read_csv(pa.BufferReader(LOG.encode())), tmp_path / "log.parquet")
    logs = [read_log(plain), read_log(tmp_path / "log.csv.gz"), read_log(tmp_path / "log.parquet")]
    for name in ("learner", "item", "skill_set", "score", "order", "fold", "answered_at"):
        columns = [getattr(log, name).tolist() for log in logs]
        assert columns[0] == columns[1] == columns[2]
    assert logs[0].learner_ids == logs[2].learner_ids


@pytest.mark.parametrize("use_dictionary", [True, False])
def test_a_parquet_file_in_several_groups_reads_as_one_log(tmp_path, use_dictionary):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {
        "learner": [f"learner-{k % 7}" for k in range(100)],
        "item": [f"item-{k % 11}" for k in range(100)],
        "skills": ["sql", "sql~charts", "charts", "sql"] * 25,
        "correct": [0, 1] * 50,
    }
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.table(columns), path, row_group_size=9, use_dictionary=use_dictionary)
    log = read_log(path)
    assert [log.learner_ids[k] for k in log.learner] == columns["learner"]
    assert [log.item_ids[k] for k in log.item] == columns["item"]
    skills = ["~".join(one.skill_id for one in log.skill_sets[k]) for k in log.skill_set]
    assert skills == columns["skills"]


FIELDS = st.sampled_from(
    ["", "a", "1", "0.5", "true", '"', '""', '"a"', '"a,', "\n", "\r\n", " ", ","]
)


@given(st.lists(st.lists(FIELDS, max_size=4).map("".join), max_size=4), st.booleans())
def test_pyarrow_reads_a_csv_as_it_is_read_without_it(rows, zipped):
    text = "learner,item,skills,correct\na,b,c,1\n" + "\n".join(f"a,{row},c,1" for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("log.csv.gz" if zipped else "log.csv")
        path.write_bytes(gzip.compress(text.encode()) if zipped else text.encode())
        told = []
        for quick in (text_table, lambda _: None):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("service.tables.logs.text_table", quick)
                try:
                    log = read_log(path)
                    told.append((log.item_ids, log.item.tolist(), log.skill_sets))
                except InvalidInput as error:
                    told.append(str(error))
    assert told[0] == told[1]


@pytest.mark.parametrize("missing", [False, True])
def test_numbers_and_times_in_a_csv_are_the_same_with_pyarrow_and_without(
    tmp_path, monkeypatch, missing
):
    rows = [
        "a,q,s,yes, 3 ,1,2026-03-01T10:00:00+01:00",
        "a,r,s,0.25,1_0,2,2026-03-01T09:30:00.5Z",
        "b,r,s,FALSE,+7,1,2026-03-01 09:30Z",
    ]
    text = "\n".join(["learner, item,skills,correct,order,fold,timestamp", *rows])
    if missing:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    log = read_log(write(tmp_path / "log.csv", text))
    assert log.score.tolist() == [1.0, 0.25, 0.0]
    assert log.order.tolist() == [3, 10, 7]
    assert log.time_order.tolist() == [0, 1, 2]
    assert log.answered_at[1] == np.datetime64("2026-03-01T09:30:00.5")


def test_ids_in_a_csv_stay_the_text_that_they_are(tmp_path):
    log = read_log(write(tmp_path / "log.csv", "learner,item,skills,correct\n007,1e3,01,1\n"))
    assert (log.learner_ids, log.item_ids, log.skill_ids) == (("007",), ("1e3",), ("01",))


def test_other_names_and_another_separator_are_understood(tmp_path):
    text = "user_id,problem,kc,mark\nada,q1,sql+charts,0.5\n"
    names = {"learner": "user_id", "item": "problem", "skills": "kc", "score": "mark"}
    log = read_log(write(tmp_path / "log.csv", text), names, "+")
    assert log.skill_ids == ("charts", "sql")
    assert log.score.tolist() == [0.5]


@pytest.mark.parametrize(("word", "score"), [("true", 1.0), ("FALSE", 0.0), ("yes", 1.0)])
def test_correct_may_be_said_in_words(tmp_path, word, score):
    log = read_log(write(tmp_path / "log.csv", f"learner,item,skills,correct\na,b,c,{word}\n"))
    assert log.score.tolist() == [score]


def test_times_may_be_iso_text(tmp_path):
    text = "learner,item,skills,score,answered_at\na,b,c,1,2026-03-01T10:00:00+01:00\n"
    log = read_log(write(tmp_path / "log.csv", text))
    assert log.answered_at[0] == np.datetime64("2026-03-01T09:00:00")


def test_without_a_column_of_skills_the_curriculum_knows_them(tmp_path):
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"], "level": 2}]
    )
    path = write(tmp_path / "log.csv", "learner,item,score\nada,q1,1\n")
    log = read_log(path, curriculum=curriculum)
    assert log.skill_sets[0][0].level == 2
    with pytest.raises(InvalidInput, match="skills"):
        read_log(path)


def test_a_missing_column_is_answered_with_those_that_are_there(tmp_path):
    path = write(tmp_path / "log.csv", "learners,item,skills,correct\na,b,c,1\n")
    with pytest.raises(InvalidInput, match=r"'learner'.*did you mean 'learners'"):
        read_log(path)


def test_unreadable_values_are_named_with_the_line_of_the_file(tmp_path):
    text = "learner,item,skills,correct,order\n\na,b,c,1,1\na,b,c,maybe,2\na,b,c,3,soon\n"
    with pytest.raises(InvalidInput) as refused:
        read_log(write(tmp_path / "log.csv", text))
    told = str(refused.value)
    assert "'maybe' in line 4" in told
    assert "'soon' in line 5" in told


def test_a_score_beyond_one_is_refused_with_its_line(tmp_path):
    text = "learner,item,skills,score\na,b,c,1\na,b,c,1.5\n"
    with pytest.raises(InvalidInput, match=r"1\.5 in line 3"):
        read_log(write(tmp_path / "log.csv", text))


def test_a_log_without_rows_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="at least one response"):
        read_log(write(tmp_path / "log.csv", "learner,item,skills,correct\n"))


def test_a_missing_log_and_an_unknown_ending_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist"):
        read_log(tmp_path / "none.parquet")
    with pytest.raises(InvalidInput, match=r"ends in \.xlsx"):
        read_log(write(tmp_path / "log.xlsx", ""))


def test_a_corrupt_parquet_file_is_refused_in_one_line(tmp_path):
    pytest.importorskip("pyarrow")
    with pytest.raises(InvalidInput, match="no readable Parquet"):
        read_log(write(tmp_path / "log.parquet", "PAR1 or not"))


def test_without_pyarrow_parquet_is_answered_with_the_extra_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"attain\[fit\]"):
        read_log(write(tmp_path / "log.parquet", ""))
