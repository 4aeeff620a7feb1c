"""CSV as text, with the lines that values stand on."""

import gzip

import pytest

from engine import InvalidInput
from service.tables.csv_text import read_csv, read_header


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_columns_come_by_name_with_the_line_of_each_row(tmp_path):
    table = read_csv(write(tmp_path / "a.csv", "id, name\n1,Ada\n\n2,Grace\n"))
    assert table.columns == {"id": ["1", "2"], "name": ["Ada", "Grace"]}
    assert table.lines == [2, 4]


def test_a_row_after_a_text_with_line_breaks_is_found_on_its_own_line(tmp_path):
    table = read_csv(write(tmp_path / "a.csv", 'id,text\n1,"one\ntwo"\n2,x\n'))
    assert table.lines == [2, 4]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_values(tmp_path):
    table = read_csv(write(tmp_path / "a.csv", "\ufeffid,name\r\n1,Ada\r\n"))
    assert table.columns == {"id": ["1"], "name": ["Ada"]}


def test_a_gzipped_table_reads_like_a_plain_one(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"id\n7\n"))
    assert read_csv(path).columns == {"id": ["7"]}
    assert read_header(path) == ("id",)


def test_lines_are_right_beyond_the_first_chunk(tmp_path):
    text = "id,text\n" + "".join(f'{k},"a\nb"\n' for k in range(1, 1201))
    table = read_csv(write(tmp_path / "a.csv", text))
    assert table.lines[0] == 2
    assert table.lines[-1] == 2 + 2 * 1199


def test_every_ragged_row_is_named_with_its_line(tmp_path):
    path = write(tmp_path / "a.csv", "id,name\n1\n2,Ada\n3,Grace,x\n")
    with pytest.raises(InvalidInput) as refused:
        read_csv(path)
    assert [fault.where for fault in refused.value.faults] == ["a.csv line 2", "a.csv line 4"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"id,id\n1,2\n", "names the column 'id' 2 times"),
        (b"id,\n1,2\n", "has no name for column 2"),
        (b"id;name\n1;2\n", "semicolons"),
        (b"id\ncaf\xe9\n", "no UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_is_wrong(tmp_path, content, complaint):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=complaint):
        read_csv(path)


def test_a_truncated_gzip_file_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"id\n" + b"7\n" * 1000)[:-12])
    with pytest.raises(InvalidInput, match="no readable gzip"):
        read_csv(path)
    assert read_header(tmp_path / "none.csv") == ()


def test_a_missing_file_is_answered_with_the_likely_one(tmp_path):
    write(tmp_path / "responses.csv", "id\n")
    with pytest.raises(InvalidInput, match=r"does not exist; did you mean responses\.csv"):
        read_csv(tmp_path / "response.csv")
    with pytest.raises(InvalidInput, match="is a folder"):
        read_csv(tmp_path)
