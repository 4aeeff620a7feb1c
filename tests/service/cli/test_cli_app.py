"""The command line as a whole: help, version, errors and exit codes."""

import subprocess
import sys
from importlib.metadata import version

import pytest

COMMANDS = [
    "demo",
    "import",
    "report",
    "recommend",
    "plan",
    "forecast",
    "probe",
    "decide",
    "decisions",
    "fit",
    "evaluate",
    "serve",
    "keys",
    "doctor",
    "replay",
    "backup",
    "restore",
    "bench",
]


def test_help_names_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"  {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_says_what_to_do_next(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"attain {command}" in result.stdout.partition("Example")[2]
    assert "Next:" in result.stdout or command == "evaluate"


def test_without_a_command_the_help_is_shown(run):
    result = run()
    assert result.exit_code == 2
    assert "To look around" in result.output


def test_the_version_is_that_of_the_package(run):
    assert run("--version").stdout == f"attain {version('attain')}\n"


def test_an_unknown_option_is_asked_wrongly(run):
    result = run("recommend", "ada", "--colour", "red")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--colour" in result.stderr


def test_bad_input_is_one_message_on_stderr_and_no_traceback(run, tmp_path):
    result = run("recommend", "ada", "--database", tmp_path / "none.db")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("attain: invalid database: ")
    assert "attain demo" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_database_is_refused(run, tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and not a database at all\n" * 20, encoding="utf-8")
    result = run("report", "ada", "--database", path)
    assert result.exit_code == 1
    assert "notes.db" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_bug_is_told_as_one_without_a_traceback(run, monkeypatch, tmp_path):
    def broken(*_):
        raise RuntimeError("the wheels came off")

    monkeypatch.setattr("service.cli.advising.open_workspace", broken)
    result = run("recommend", "ada")
    assert result.exit_code == 1
    assert "unexpected RuntimeError: the wheels came off" in result.stderr


def test_starting_up_imports_nothing_heavy():
    code = (
        "import sys, service.cli.app;"
        "heavy = {'numpy', 'numba', 'pandas', 'pyarrow', 'fastapi', 'sqlite_utils', 'scipy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_console_entry_leaves_with_the_exit_code_and_a_clean_stdout(tmp_path):
    code = "from service.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "report", "ada", "--json", "-d", str(tmp_path / "no.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("attain: ")
