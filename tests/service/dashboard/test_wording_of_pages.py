"""Numbers, times and links as a reader sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.dashboard import wording


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "0%"),
        (0.0049, "<1%"),
        (0.005, "<1%"),
        (0.0051, "1%"),
        (0.5, "50%"),
        (0.995, ">99%"),
        (1.0, "100%"),
    ],
)
def test_only_certainty_reads_as_none_or_all(p: float, text: str) -> None:
    assert wording.percent(p) == text


@pytest.mark.parametrize("p", [0.9449, 0.945, 0.9499, 0.94999999])
def test_what_is_below_a_threshold_never_reads_as_at_it(p: float) -> None:
    assert float(wording.percent_against(p, 0.95).rstrip("%")) < 95


def test_what_is_at_a_threshold_reads_as_at_it() -> None:
    assert wording.percent_against(0.95, 0.95) == "95%"


@pytest.mark.parametrize(
    "url",
    [
        "https://learn.example/a?b=c#d",
        "http://learn.example",
        "modules/joins",
        "/modules/joins",
        "?module=joins",
        "HTTPS://learn.example",
    ],
)
def test_web_and_relative_addresses_become_links(url: str) -> None:
    assert wording.safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//elsewhere.example/x",
        "\\\\elsewhere.example",
        "/\\elsewhere.example",
        "https:alert(1)",
        "http://[",
        "https://learn.example/a b",
    ],
)
def test_other_addresses_become_no_links(url: str) -> None:
    assert wording.safe_url(url) == ""


def test_days_and_times_are_told_in_utc() -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert wording.day(late) == "1 Feb 2026"
    assert wording.instant(late) == "1 Feb 2026, 04:30"
    assert wording.instant(datetime(2026, 1, 5, 9, 5, tzinfo=UTC)) == "5 Jan 2026, 09:05"


@pytest.mark.parametrize(
    ("minutes", "text"), [(0.3, "under 1 min"), (59.6, "1 h"), (61, "1 h 1 min"), (600, "10 h")]
)
def test_minutes_are_told_in_hours_and_minutes(minutes: float, text: str) -> None:
    assert wording.duration(minutes) == text


def test_ids_are_quoted_in_addresses() -> None:
    assert wording.learner_href("a&b=c#d/é") == "learner?id=a%26b%3Dc%23d%2F%C3%A9"
    assert wording.learners_href("a b", "x&y") == "./?q=a+b&after=x%26y"


def test_positions_stay_within_the_drawing() -> None:
    assert [wording.share(p) for p in (-0.1, 0.123456, 1.1)] == ["0%", "12.35%", "100%"]
