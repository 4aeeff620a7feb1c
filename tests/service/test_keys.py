"""Grants, and keys made, looked up, replaced and revoked."""

from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Role
from engine.errors import InvalidInput, UnknownId
from service.keyring import FRESH_SECONDS, Keyring
from service.keys import Grant, Secret, new_secret
from service.scopes import BINDING_SCOPES, Scope
from service.store import Place
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

STORES = ("sqlite", "postgres")
READ_ALL = Grant([Scope.READ_ALL])


def test_what_is_about_somebody_does_not_go_with_what_is_about_everybody() -> None:
    for own, wide in [(one, two) for one in BINDING_SCOPES for two in set(Scope) - BINDING_SCOPES]:
        teams = ["data"] if own is Scope.READ_TEAM else []
        learner = "ada" if own is Scope.READ_OWN else ""
        with pytest.raises(InvalidInput, match="make two keys"):
            Grant([own, wide], learner, teams)
    for pair in combinations(set(Scope) - BINDING_SCOPES, 2):
        assert not Grant(pair).bound
    assert Grant(BINDING_SCOPES, "ada", ["data"]).bound


@pytest.mark.parametrize(
    ("scopes", "learner_id", "team_ids"),
    [
        ([], "", []),
        ([Scope.READ_OWN], "", []),
        ([Scope.READ_ALL], "ada", []),
        ([Scope.READ_TEAM], "", []),
        ([Scope.READ_TEAM], "", [""]),
        ([Scope.READ_ALL], "", ["data"]),
    ],
)
def test_a_grant_says_whom_it_is_about_or_it_is_none(
    scopes: list[Scope], learner_id: str, team_ids: list[str]
) -> None:
    with pytest.raises(InvalidInput, match="invalid key"):
        Grant(scopes, learner_id, team_ids)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # whose bytes are looked at
def test_a_secret_is_256_random_bits_and_only_its_digest_is_kept(
    empty_workspace: Workspace,
) -> None:
    issued = empty_workspace.create_key("the LMS", READ_ALL)
    assert len({new_secret("key") for _ in range(100)}) == 100
    assert len(issued.secret.removeprefix("attain_")) == 43  # 32 bytes, six bits a letter
    assert issued.secret not in f"{issued!r}"
    empty_workspace.close()
    for file in Path(empty_workspace._store.name).parent.iterdir():
        assert issued.secret.encode() not in file.read_bytes()


def test_a_key_is_found_by_its_secret_with_all_that_it_allows(empty_workspace: Workspace) -> None:
    grant = Grant([Scope.READ_OWN, Scope.READ_TEAM], "ada", ["data", "sales"])
    issued = empty_workspace.of_tenant("acme").create_key("Ada", grant)
    found = Keyring(empty_workspace).find(issued.secret, "key")
    assert found == issued.key
    assert (found.tenant_id, found.grant, found.label) == ("acme", grant, "Ada")
    assert empty_workspace.all_keys() == ()
    assert empty_workspace.of_tenant("acme").all_keys() == (issued.key,)


@given(st.text(max_size=200))
def test_no_other_text_is_a_key(text: str) -> None:
    assert len(Secret(text).digest) == 32  # lone surrogates too


def test_a_near_miss_is_none(empty_workspace: Workspace) -> None:
    secret = empty_workspace.create_key("the LMS", READ_ALL).secret
    keyring = Keyring(empty_workspace)
    for wrong in ("", secret[:-1], secret + "x", secret.upper(), secret[:-1] + "\x00"):
        assert keyring.find(Secret(wrong), "key") is None
    assert keyring.find(secret, "session") is None
    assert keyring.find(secret, "key") is not None


def test_a_secret_that_is_none_takes_the_same_look_as_one_that_is(
    empty_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, seconds: Any
) -> None:
    secret, looks = empty_workspace.create_key("the LMS", READ_ALL).secret, []
    look = Workspace.key_of
    monkeypatch.setattr(
        Workspace, "key_of", lambda self, digest: (looks.append(digest), look(self, digest))[1]
    )
    keyring = Keyring(empty_workspace, clock=seconds)
    for shown in (secret, Secret("attain_nobody's"), secret, Secret("attain_nobody's")):
        keyring.find(shown, "key")
    assert looks == [secret.digest, Secret("attain_nobody's").digest]


def test_a_key_that_expires_is_good_until_then(empty_workspace: Workspace, clock: Any) -> None:
    expires_at = clock() + timedelta(days=1)
    secret = empty_workspace.create_key("a day", READ_ALL, expires_at=expires_at).secret
    keyring = Keyring(empty_workspace)
    clock.move(hours=23, minutes=59)
    assert keyring.find(secret, "key") is not None
    clock.move(minutes=1)
    assert keyring.find(secret, "key") is None


def test_a_key_revoked_by_another_process_is_none_within_two_seconds(
    empty_workspace: Workspace, place: Place, seconds: Any
) -> None:
    other = Workspace.open(place)
    issued = other.create_key("the LMS", READ_ALL)
    keyring = Keyring(empty_workspace, clock=seconds)
    assert keyring.find(issued.secret, "key") == issued.key
    assert other.revoke_key(issued.key.key_id) == issued.key
    other.close()
    seconds.now = FRESH_SECONDS
    assert FRESH_SECONDS <= 2.0
    assert keyring.find(issued.secret, "key") is None
    with pytest.raises(UnknownId, match="unknown key"):
        empty_workspace.revoke_key(issued.key.key_id)


def test_a_key_replaced_stays_valid_for_its_grace_and_the_new_one_allows_the_same(
    empty_workspace: Workspace, clock: Any
) -> None:
    grant = Grant([Scope.READ_TEAM], team_ids=["data"])
    expires_at = clock() + timedelta(days=90)
    old = empty_workspace.create_key("manager", grant, expires_at=expires_at)
    clock.move(days=30)
    new, expiring = empty_workspace.rotate_key(old.key.key_id, grace=timedelta(hours=24))
    assert (new.key.grant, new.key.label) == (grant, "manager")
    assert new.key.expires_at == clock() + timedelta(days=90)
    assert expiring.expires_at == clock() + timedelta(hours=24)
    clock.move(hours=24)
    keyring = Keyring(empty_workspace)
    assert keyring.find(old.secret, "key") is None
    assert keyring.find(new.secret, "key") == new.key


def test_grace_never_lengthens_a_life(empty_workspace: Workspace, clock: Any) -> None:
    expires_at = clock() + timedelta(hours=1)
    old = empty_workspace.create_key("an hour", READ_ALL, expires_at=expires_at)
    _, expiring = empty_workspace.rotate_key(old.key.key_id, grace=timedelta(days=7))
    assert expiring.expires_at == expires_at


def test_the_first_key_is_made_once_and_allows_all_that_is_about_everybody(
    empty_workspace: Workspace,
) -> None:
    first = empty_workspace.first_key()
    assert first is not None
    assert first.key.grant == FIRST
    assert first.key.grant.scopes == set(Scope) - BINDING_SCOPES
    assert empty_workspace.first_key() is None
    assert empty_workspace.of_tenant("acme").first_key() is None


def test_a_login_is_good_once_and_for_a_quarter_of_an_hour(
    empty_workspace: Workspace, clock: Any
) -> None:
    theirs, hours = empty_workspace.of_tenant("acme"), timedelta(hours=12)
    login = theirs.invite("pages", READ_ALL).secret
    session = empty_workspace.enter(login, hours)
    assert session is not None
    assert (session.key.tenant_id, session.key.kind) == ("acme", "session")
    assert session.key.expires_at == clock() + hours
    assert empty_workspace.enter(login, hours) is None
    late = theirs.invite("pages", READ_ALL).secret
    clock.move(minutes=15)
    assert empty_workspace.enter(late, hours) is None
    assert empty_workspace.enter(session.secret, hours) is None
    clock.move(hours=12)
    theirs.create_key("sweeps", READ_ALL)
    assert [one.kind for one in theirs.all_keys()] == ["key"], "what is past is kept no longer"


def test_a_learner_s_keys_are_exported_and_erased_with_them(workspace: Workspace) -> None:
    hers = workspace.create_key("hers", Grant([Scope.READ_OWN], "ada"))
    assert [one.key_id for one in workspace.export("ada").keys] == [hers.key.key_id]
    kept = workspace.create_key("the LMS", READ_ALL)
    workspace.erase("ada")
    assert workspace.all_keys() == (kept.key,)


def test_what_one_tenant_keeps_another_does_not_see(
    workspace: Workspace, roles: tuple[Role, ...]
) -> None:
    theirs = workspace.of_tenant("acme")
    assert theirs.catalog() is None
    assert (theirs.roles(), theirs.learners(), theirs.all_keys()) == ((), (), ())
    assert len(workspace.roles()) == len(roles)
    assert theirs.of_tenant("default") is workspace
