"""Every state of the pages of teams, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine import Role, SkillTarget
from service.keys import Grant
from service.records import LearnerProfile
from service.scopes import Scope

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def people(fake: Any, build: SimpleNamespace) -> None:
    """Five in the team of Ada, and one in a team alone."""
    more = [LearnerProfile(f"g{k}", f"Gru {k}", "growth", "senior") for k in range(4)]
    fake.profiles = (build.ADA, *more, LearnerProfile("solo", "So Lo", "tiny", "loner"))


def test_teams_are_listed_with_how_many_are_in_them(client: TestClient) -> None:
    text = client.get("/teams").text
    assert '<a href="team?id=growth">growth</a>' in text
    assert "5 learners" in text
    assert "1 learner<" in text
    assert "Next page" not in text
    assert '<a href="team?id=growth">growth</a>' in client.get("/").text
    assert '<a href="team?id=growth">growth</a>' in client.get("/learner?id=ada").text


def test_teams_are_paged(client: TestClient, fake: Any) -> None:
    fake.profiles = tuple(LearnerProfile(f"l{k:02}", "", f"t{k:02}") for k in range(30))
    assert 'href="teams?after=t24"' in client.get("/teams").text
    last = client.get("/teams?after=t24").text
    assert last.count('<th scope="row"') == 5
    assert ("First page" in last, "Next page" in last) == (True, False)
    assert "There are no more teams" in client.get("/teams?after=z").text
    fake.profiles = ()
    assert "There are no teams yet" in client.get("/teams").text


def test_a_team_is_shown_against_the_role_that_most_have_with_names_and_reasons(
    client: TestClient,
) -> None:
    text = client.get("/team?id=growth").text
    for expected in (
        "Data analyst (most have it)",
        "Readiness of the team for Data analyst",
        "80% interval: 20% to 60%",
        "2 of 5",
        "1 to 3",
        "shown by 1",
        "12 answers, none of them right.",
        'href="learner?id=ada&amp;role=analyst"',
        "Senior analyst, readiness 59%: every target mastered",
    ):
        assert expected in text
    assert text.index("Joining tables") < text.index("Choosing a chart"), "what costs most first"


def test_what_a_report_keeps_back_is_named_and_nothing_is_said_of_it(client: TestClient) -> None:
    text = client.get("/team?id=growth").text
    assert "too few have shown anything about them: Window functions (Awareness)." in text
    assert text.count("Window functions") == 1


def test_of_a_team_too_small_no_gaps_are_told(client: TestClient) -> None:
    answer = client.get("/team?id=tiny")
    assert answer.status_code == 200
    assert "Fewer than 5 learners: too few to tell of." in answer.text
    assert ("Attained by" in answer.text, "80% interval" in answer.text) == (False, False)


def test_another_role_can_be_chosen_and_one_has_to_be_where_nobody_has_any(
    client: TestClient, fake: Any
) -> None:
    assert '<option value="senior" selected>' in client.get("/team?id=growth&role=senior").text
    assert client.get("/team?id=growth&role=pilot").status_code == 404
    fake.profiles = tuple(replace(one, role_id="") for one in fake.profiles)
    text = client.get("/team?id=growth").text
    assert "Nobody of this team has a role." in text
    assert '<option value="">Choose a role</option>' in text
    fake.known_roles = ()
    assert "No roles are defined yet" in client.get("/team?id=growth").text


def test_a_team_that_is_not_there(client: TestClient) -> None:
    answer = client.get("/team?id=nobodys")
    assert (answer.status_code, "No such team" in answer.text) == (404, True)
    led = client.get("/team", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "teams")


def test_very_many_who_stand_out_are_cut_short(client: TestClient, fake: Any) -> None:
    fake.profiles = tuple(LearnerProfile(f"l{k:03}", "", "big", "analyst") for k in range(62))
    text = client.get("/team?id=big").text
    assert "And 11 more" in text
    assert "l050" in text
    assert "l051" not in text


def test_a_manager_sees_the_own_team_alone_and_a_learner_none(
    fake: Any, build: SimpleNamespace
) -> None:
    manager = TestClient(build.pages_of(fake, Grant([Scope.READ_TEAM], team_ids=["growth"])))
    listed = manager.get("/teams").text
    assert ("id=growth" in listed, "id=tiny" in listed) == (True, False)
    assert manager.get("/team?id=growth").status_code == 200
    assert manager.get("/team?id=tiny").status_code == 404
    fake.is_within = lambda learner_id, grant: learner_id == grant.learner_id
    learner = TestClient(build.pages_of(fake, Grant([Scope.READ_OWN], learner_id="ada")))
    assert learner.get("/teams").status_code == 403
    assert learner.get("/team?id=growth").status_code == 403
    own = learner.get("/learner?id=ada").text
    assert ("growth" in own, "team" in own.replace("Team", "")) == (True, False)


def test_hostile_names_stay_text(client: TestClient, fake: Any) -> None:
    fake.known_roles = (Role(HOSTILE, [SkillTarget("sql-joins")], name=HOSTILE),)
    fake.profiles = tuple(
        LearnerProfile(f"{HOSTILE}{k}", HOSTILE, HOSTILE, HOSTILE) for k in range(6)
    )
    shown = [client.get("/teams"), client.get("/team", params={"id": HOSTILE})]
    assert [answer.status_code for answer in shown] == [200, 200]
    for answer in shown:
        assert ("<script" in answer.text, "<img" in answer.text) == (False, False)
