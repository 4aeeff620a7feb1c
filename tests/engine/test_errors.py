import pytest

from engine import AttainError, Fault, InvalidInput, UnknownId


def test_one_fault_is_told_in_one_line_with_its_remedy():
    error = InvalidInput("role", [Fault("targets", "is empty", "name a skill")])
    assert str(error) == "invalid role: targets: is empty; name a skill"


def test_many_faults_are_counted_and_the_first_twenty_told():
    error = InvalidInput("log", [Fault(f"row {i}", "is wrong") for i in range(25)])
    lines = str(error).splitlines()
    assert lines[0] == "invalid log: 25 faults"
    assert lines[-1] == "  … and 5 more"
    assert len(lines) == 22


def test_every_error_can_be_caught_as_one_and_as_the_builtin_that_it_is():
    for error, builtin in ((InvalidInput("x", []), ValueError), (UnknownId("x", "y"), LookupError)):
        assert isinstance(error, AttainError)
        assert isinstance(error, builtin)


def test_an_unknown_id_without_near_matches_offers_none():
    assert str(UnknownId("item", "zzz", ["q1"])) == "unknown item 'zzz'"
    with pytest.raises(UnknownId, match="did you mean 'joins' or 'join-2'"):
        raise UnknownId("item", "join", ["join-2", "joins", "charts"])
