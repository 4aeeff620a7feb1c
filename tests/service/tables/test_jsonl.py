"""JSON Lines: what they hold reads as the same table in CSV does, and every fault has its line."""

import csv
import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import InvalidInput
from service.tables import read_completions, read_evidence_file, read_folder, read_log

FIELDS = ("learner_ids", "item_ids", "skill_sets", "learner", "item", "skill_set", "score")
TIMES = ("answered_at", "order", "fold")


def write(path, text):
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def told(path, **options):
    """Return what a log holds, or why it is refused."""
    try:
        log = read_log(path, **options)
    except InvalidInput as error:
        return str(error)
    columns = [getattr(log, name) for name in FIELDS + TIMES]
    return [one.tolist() if hasattr(one, "tolist") else one for one in columns]


@pytest.mark.parametrize("name", ["log.jsonl", "log.ndjson", "log.jsonl.gz", "log.ndjson.gz"])
def test_a_log_reads_alike_from_json_lines_and_csv(tmp_path, name):
    table = """user,item,skills,correct,order,level,timestamp
007,q1,sql,true,1,1,2026-03-01T10:00:00+01:00
ada,8,sql~charts,0,2,2,2026-03-01T09:30:00.5Z
ada,q1,charts,0.25,30,1,2026-03-01 09:30Z
"""
    lines = """\ufeff{"user": "007", "item": "q1", "skills": ["sql"], "correct": true, "order": 1,\
 "level": 1, "timestamp": "2026-03-01T10:00:00+01:00", "context": {"team": ["data"]}}

{"timestamp": "2026-03-01T09:30:00.5Z", "level": 2, "order": 2.0, "correct": 0,\
 "skills": ["sql", "charts"], "item": 8, "user": "ada"}
{"user": "ada", "item": "q1", "skills": "charts", "correct": 0.25, "order": "30",\
 "level": "1", "timestamp": "2026-03-01 09:30Z", "note": null}
"""
    names = {"learner": "user"}
    of_lines = told(write(tmp_path / name, lines), columns=names)
    assert of_lines == told(write(tmp_path / "log.csv", table), columns=names)
    assert of_lines[0] == ("007", "ada")
    assert of_lines[6] == [1.0, 0.0, 0.25]


IDS = st.none() | st.integers(-9, 9) | st.text('ab ~é",{', max_size=3)
NUMBERS = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from([0.5, 1.5, "1", "x", ""])
ROW = st.fixed_dictionaries(
    dict.fromkeys(("learner", "item", "skills"), IDS) | {"score": NUMBERS, "level": NUMBERS}
)


@given(st.lists(ROW, min_size=1, max_size=4))
def test_any_table_reads_as_its_csv_does_or_is_refused_in_the_same_words(rows):
    texts = [{k: v if isinstance(v, str) else json.dumps(v) for k, v in r.items()} for r in rows]
    texts = [{k: "" if v == "null" else v for k, v in r.items()} for r in texts]
    sparse = [{k: v for k, v in r.items() if v is not None} for r in rows[1:]]
    lines = [json.dumps(one) for one in [rows[0], *sparse]]
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "log.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(texts)
        write(Path(folder) / "log.jsonl", "\n".join(["", *lines]))  # lines as in the CSV
        assert told(Path(folder) / "log.jsonl") == told(Path(folder) / "log.csv")


def test_a_name_of_a_skill_in_a_list_may_hold_what_stands_between_skills_in_text(tmp_path):
    row = {"learner": "ada", "item": "q1", "skills": ["a~b", "c"], "correct": 1}
    assert read_log(write(tmp_path / "log.jsonl", json.dumps(row))).skill_ids == ("a~b", "c")


def test_completions_and_evidence_read_alike_from_json_lines_and_csv(tmp_path):
    done = "learner,module,completed_at,completion_id\nada,m1,2026-03-01T09:00:00Z,c1\n"
    answers = "learner,item,correct,answered_at\nada,8,1,\nbo,q,0.5,2026-03-01T09:00:00Z\n"
    as_lines = {
        "done": '{"completion_id": "c1", "module": "m1", "learner": "ada",'
        ' "completed_at": "2026-03-01T09:00:00Z"}',
        "answers": '\n{"learner": "ada", "item": 8, "correct": 1, "skills": ["a"], "raw": {}}\n'
        '{"learner": "bo", "item": "q", "correct": 0.5, "answered_at": "2026-03-01T09:00:00Z"}',
    }
    for name, text in {"done": done, "answers": answers}.items():
        of_lines = read_evidence_file(write(tmp_path / f"{name}.jsonl", as_lines[name]))
        of_table = read_evidence_file(write(tmp_path / f"{name}.csv", text))
        if name == "done":
            assert of_lines == of_table == read_completions(tmp_path / "done.jsonl")
        else:  # known by file and line
            assert [one.response_id for one in of_lines] == ["answers.jsonl:2", "answers.jsonl:3"]
            assert [(one.item_id, one.score, one.answered_at) for one in of_lines] == [
                (one.item_id, one.score, one.answered_at) for one in of_table
            ]


def test_evidence_in_a_folder_of_tables_may_be_json_lines(tmp_path):
    write(tmp_path / "skills.csv", "skill_id\nsql\n")
    write(tmp_path / "items.csv", "item_id,skills\nq1,sql\n")
    path = write(tmp_path / "responses.ndjson", '{"learner": "ada", "item": "q1", "score": 1}\n')
    assert [one.learner_id for one in read_folder(tmp_path).evidence] == ["ada"]
    write(path, '{"learner": "ada", "item": "q1", "score": 1}\n[]\n')
    with pytest.raises(InvalidInput, match=r"responses\.ndjson line 2: is no JSON object"):
        read_folder(tmp_path)


def test_every_kind_of_line_that_is_no_object_is_told_with_its_first_and_how_many(tmp_path):
    lines = [
        '{"learner": "ada"}',
        "learner,item",
        '{"learner": "ada"',
        "[1]",
        '{"item": 1, "item": 2}',
        r'{"item": "\ud83d"}',
        "[" * 100_000,
        '{"score": NaN}',
    ]
    with pytest.raises(InvalidInput) as refused:
        read_log(write(tmp_path / "log.jsonl", "\n".join(lines)))
    assert [f"{fault.where}: {fault.problem}" for fault in refused.value.faults] == [
        "log.jsonl line 2: is no JSON: Expecting value at character 1, and 2 more lines likewise",
        "log.jsonl line 4: is no JSON object: [1]",
        "log.jsonl line 5: names a key twice: 'item'",
        "log.jsonl line 6: escapes half of a character",
        "log.jsonl line 7: is nested too deeply to be read",
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "log.jsonl: is empty, expected one JSON object a line"),
        (b"\n \n{}\n", "is empty"),
        (b'{"learner": "caf\xe9"}', "is no UTF-8 text"),
        (
            b'{"learners": "a", "item": 1, "skills": "s", "score": 1}',
            "column 'learner': is missing; there are learners, item, skills, score; "
            "did you mean 'learners'?",
        ),
    ],
)
def test_what_is_no_log_is_refused_with_what_is_wrong(tmp_path, content, complaint):
    path = tmp_path / "log.jsonl"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_log(path)
    assert complaint in str(refused.value)


def test_values_within_values_and_all_other_faults_are_told_with_their_lines(tmp_path):
    lines = [
        {"learner": {"id": 1}, "item": "q", "skills": "s", "score": 1, "answered_at": 1},
        {"item": "q", "skills": {"id": "s"}, "score": [1], "answered_at": {"at": 1}},
        {"learner": "a", "item": "q", "skills": "s", "score": 7, "answered_at": 1},
    ]
    path = write(tmp_path / "log.jsonl", "\n\n".join(map(json.dumps, lines)))
    of_a_log = (
        "learner: is {'id': 1} in line 1, expected an id",
        "learner: is '' in line 3, expected an id",
        "skills: is {'id': 's'} in line 3, expected ids of skills",
        "score: is [1] in line 3, expected a number from 0 to 1",
        "answered_at: is '1' in line 1 and at fault in 2 more rows",
    )
    of_evidence = (
        "log.jsonl line 1, learner: is {'id': 1}, expected text or a number",
        "log.jsonl line 3, score: is [1], expected text or a number",
        "log.jsonl line 5, score: is 7",
    )
    for read, complaints in ((read_log, of_a_log), (read_evidence_file, of_evidence)):
        with pytest.raises(InvalidInput) as refused:
            read(path)
        assert [text for text in complaints if text not in str(refused.value)] == []
