"""Every state of the pages, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine import Curriculum, Role, SkillTarget, UnknownId
from engine.domain import RecommendationList
from service.errors import ClockWrong, StoreError, StoreUnavailable
from service.records import LearnerProfile


def test_the_first_page_lists_learners_with_links(client: TestClient) -> None:
    text = client.get("/").text
    assert '<a href="learner?id=ada">Ada Mbeki</a>' in text
    assert "Data analyst" in text
    assert "Next page" not in text


def test_learners_are_paged(client: TestClient, fake: Any) -> None:
    fake.profiles = tuple(LearnerProfile(f"l-{i:03}") for i in range(60))
    first = client.get("/").text
    assert first.count('<th scope="row"') == 25
    assert 'href="./?after=l-024"' in first
    assert "First page" not in first
    last = client.get("/?after=l-049").text
    assert last.count('<th scope="row"') == 10
    assert "Next page" not in last
    assert "First page" in last


def test_learners_are_searched(client: TestClient) -> None:
    assert "Ada Mbeki" in client.get("/?q=mbeki").text
    nobody = client.get("/?q=zzz").text
    assert "Nobody’s name, id or team matches “zzz”." in nobody
    assert 'value="zzz"' in nobody


def test_without_learners_the_page_says_how_to_load_the_sample(
    client: TestClient, fake: Any
) -> None:
    fake.profiles = ()
    text = client.get("/").text
    assert "No learners yet" in text
    assert "attain demo" in text


def test_without_a_catalogue_the_page_says_what_to_do(client: TestClient, fake: Any) -> None:
    fake.curriculum, fake.profiles = None, ()
    text = client.get("/").text
    assert "No catalogue yet" in text
    assert "attain demo" in text
    answer = client.get("/learner?id=ada")
    assert answer.status_code == 404
    assert "No catalogue yet" in answer.text


def test_a_learner_is_shown_against_the_current_role(client: TestClient) -> None:
    text = client.get("/learner?id=ada").text
    for expected in (
        "Readiness for Data analyst",
        "80% interval: 50% to 75%",
        "Joining tables",
        "Working",
        "4 answers",
        "3 independent successes",
        "Joins that keep every row",
        "It closes most of the gap in Joining tables.",
        "+0.00420",
        "Senior analyst (next role)",
        "Data analyst (current role)",
        "bkt-0123456789ab",
        "Readiness went from 20% before any evidence to 57% on 16 Jan 2026.",
        "Data ethics",
    ):
        assert expected in text


def test_another_role_can_be_chosen(client: TestClient) -> None:
    text = client.get("/learner?id=ada&role=senior").text
    assert "Readiness for Senior analyst" in text
    assert '<option value="senior" selected>' in text


def test_a_role_on_no_ladder_shows_none(client: TestClient) -> None:
    text = client.get("/learner?id=ada&role=loner").text
    assert 'id="ladder"' not in text
    assert 'href="#ladder"' not in text


def test_a_path_is_suggested_for_a_budget(client: TestClient) -> None:
    assert "Suggested path" not in client.get("/learner?id=ada").text
    text = client.get("/learner?id=ada&role=analyst&minutes=60").text
    assert "1 module in 12 min of 1 h" in text
    assert 'value="60"' in text
    short = client.get("/learner?id=ada&minutes=6").text
    assert "No module fits into this time." in short


def test_minutes_that_make_no_sense_are_answered_in_the_form(client: TestClient) -> None:
    answer = client.get("/learner?id=ada&minutes=soon")
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text
    assert "Give a whole number of minutes, from 5 to 6000." in answer.text
    assert "Suggested path" not in answer.text
    week = client.get("/learner?id=ada&minutes=60&week=20000").text
    assert "Give a whole number of minutes, from 5 to 10080." in week
    assert "Suggested path" not in week
    assert "Suggested path" in client.get("/learner?id=ada&minutes=60&week=").text


def test_the_note_is_shown_when_there_is_nothing_to_recommend(
    client: TestClient, fake: Any
) -> None:
    fake.recommended = RecommendationList((), "Every target is mastered.")
    assert "Every target is mastered." in client.get("/learner?id=ada").text
    fake.recommended = RecommendationList()
    assert "nothing to recommend" in client.get("/learner?id=ada").text


def test_an_unknown_learner_gets_a_friendly_page_with_near_matches(client: TestClient) -> None:
    answer = client.get("/learner?id=adaa")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "No such learner" in answer.text
    assert 'href="learner?id=ada"' in answer.text


def test_an_unknown_role_gets_a_friendly_page(client: TestClient) -> None:
    answer = client.get("/learner?id=ada&role=pilot")
    assert answer.status_code == 404
    assert "No such role" in answer.text


def test_no_learner_named_leads_to_the_list(client: TestClient) -> None:
    answer = client.get("/learner", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "./")


def test_a_learner_without_a_role_is_asked_for_one(client: TestClient, fake: Any) -> None:
    fake.profiles = (LearnerProfile("bo", "Bo Chen"),)
    text = client.get("/learner?id=bo").text
    assert "No role chosen" in text
    assert '<option value="">Choose a role</option>' in text
    assert '<option value="analyst">' in text
    assert "No role chosen" in client.get("/learner?id=bo&role=").text
    assert "Readiness for Data analyst" in client.get("/learner?id=bo&role=analyst").text


def test_without_any_roles_the_page_says_how_to_get_some(client: TestClient, fake: Any) -> None:
    fake.profiles, fake.known_roles = (LearnerProfile("bo"),), ()
    text = client.get("/learner?id=bo").text
    assert "No roles are defined yet" in text
    assert "<select" not in text


def test_a_learner_without_evidence_is_told_what_the_figures_are(
    client: TestClient, fake: Any, build: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.points = ()
    mastery = build.mastery_of(build.report_for(build.ANALYST, 0.2, 0.1, 0.1))
    bare = replace(mastery, skills=mastery.skills[:3])
    monkeypatch.setattr(build.FakeView, "mastery", lambda _: bare)
    text = client.get("/learner?id=ada").text
    assert "No evidence yet" in text
    assert "Growth appears with the first evidence" in text
    assert text.count("No answers yet") == 3


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_hostile_names_and_addresses_stay_text(client: TestClient, fake: Any) -> None:
    module = {"module_id": "joins-201", "title": HOSTILE, "minutes": 12, "description": HOSTILE}
    fake.curriculum = Curriculum.from_records(
        skills=[{"skill_id": "sql-joins", "name": HOSTILE, "group": HOSTILE}],
        modules=[
            {**module, "url": "javascript:alert(1)", "teaches": [{"skill_id": "sql-joins"}]},
        ],
    )
    fake.known_roles = (Role(HOSTILE, [SkillTarget("sql-joins")], name=HOSTILE, ladder="x"),)
    fake.profiles = (LearnerProfile(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),)
    fake.recommended = RecommendationList(
        tuple(
            replace(one, reasons=(one.reasons[0]._replace(sentence=HOSTILE),), terms={HOSTILE: 1.0})
            for one in fake.recommended
        ),
        HOSTILE,
    )
    shown = [
        client.get("/", params={"q": HOSTILE}),
        client.get("/", params={"after": HOSTILE}),
        client.get("/"),
        client.get("/learner", params={"id": HOSTILE, "minutes": "60"}),
        client.get("/learner", params={"id": HOSTILE, "minutes": HOSTILE}),
        client.get("/learner", params={"id": HOSTILE + "x"}),
        client.get("/learner", params={"id": HOSTILE, "role": HOSTILE + "x"}),
    ]
    assert [answer.status_code for answer in shown] == [200, 200, 200, 200, 200, 404, 404]
    for answer in shown:
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "javascript:" not in answer.text
    assert "&lt;script&gt;alert(1)" in shown[3].text


@pytest.mark.parametrize("path", ["/", "/learner?id=ada", "/learner?id=nobody"])
def test_pages_are_locked_down_and_never_cached(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    for inline in (" style=", "<style", "<script", " onclick", " onload"):
        assert inline not in answer.text


def test_the_style_sheet_and_the_icon_are_served_and_cached(client: TestClient) -> None:
    text = client.get("/").text
    for name, media_type in (("attain.css", "text/css"), ("favicon.svg", "image/svg+xml")):
        href = text.split(f'href="assets/{name}')[1].split('"')[0]
        answer = client.get(f"/assets/{name}{href}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["pages.py", "..%2fpages.py", "base.html"])
def test_nothing_else_is_served_as_a_file(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (StoreUnavailable("locked: /srv/secret.db"), 503, "Not available at the moment"),
        (ClockWrong(datetime(1970, 1, 1, tzinfo=UTC)), 503, "Not available at the moment"),
        (StoreError("damaged: /srv/secret.db"), 503, "The store cannot be used"),
        (RuntimeError("secret"), 500, "This page failed"),
        (UnknownId("skill", "secrets"), 404, "No such skill"),
    ],
)
def test_errors_are_pages_too_and_tell_no_secrets(
    client: TestClient,
    fake: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    heading: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(fake, "learners", fail)
    answer = client.get("/")
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (heading == "Not available at the moment")
    assert f"<h1>{heading}</h1>" in answer.text
    assert "secret.db" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_pages_are_no_part_of_the_described_interface(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["paths"] == {}
