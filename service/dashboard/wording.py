"""Numbers, times and links as a reader wants them: short, honest at the ends, safe."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

__all__ = [
    "counted",
    "day",
    "duration",
    "instant",
    "learner_href",
    "learners_href",
    "percent",
    "percent_against",
    "points",
    "safe_url",
    "share",
    "team_href",
    "teams_href",
]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def percent(p: float) -> str:
    """Return a probability in whole per cent; only certainty reads 0% or 100%.

    Examples
    --------
    >>> percent(0.617), percent(0.999), percent(0.001), percent(1.0)
    ('62%', '>99%', '<1%', '100%')
    """
    text = f"{p:.0%}"
    if text == "0%" and p > 0.0:
        return "<1%"
    return ">99%" if text == "100%" and p < 1.0 else text


def percent_against(p: float, threshold: float) -> str:
    """Return a probability in per cent, fine enough to tell on which side of a threshold it lies.

    Examples
    --------
    >>> percent_against(0.947, 0.95), percent_against(0.617, 0.95), percent_against(0.96, 0.95)
    ('94.7%', '62%', '96%')
    """
    if p < threshold and round(p, 2) >= threshold:
        return f"{int(p * 1000) / 10:.1f}%"  # cut, not rounded: it must stay below
    return percent(p)


def share(p: float) -> str:
    """Return a share of a drawing's width, for an SVG attribute.

    Examples
    --------
    >>> share(0.61728), share(-1), share(2)
    ('61.73%', '0%', '100%')
    """
    return f"{100.0 * min(max(p, 0.0), 1.0):.2f}".rstrip("0").rstrip(".") + "%"


def points(gain: float) -> str:
    """Return a change of readiness in percentage points.

    Examples
    --------
    >>> points(0.0312), points(-0.01)
    ('+3.1 points', '−1.0 points')
    """
    return f"{100.0 * gain:+.1f} points".replace("-", "−")


def duration(minutes: float) -> str:
    """Return minutes as hours and minutes.

    Examples
    --------
    >>> duration(12), duration(60), duration(95), duration(0.4)
    ('12 min', '1 h', '1 h 35 min', 'under 1 min')
    """
    if 0 < minutes < 0.5:
        return "under 1 min"
    hours, rest = divmod(round(minutes), 60)
    parts = [f"{hours} h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} min")
    return " ".join(parts)


def day(at: datetime) -> str:
    """Return the UTC day of an instant.

    Examples
    --------
    >>> day(datetime(2025, 3, 4, 23, 30, tzinfo=UTC))
    '4 Mar 2025'
    """
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def instant(at: datetime) -> str:
    """Return an instant to the minute, in UTC.

    Examples
    --------
    >>> instant(datetime(2025, 3, 4, 9, 5, tzinfo=UTC))
    '4 Mar 2025, 09:05'
    """
    return f"{day(at)}, {at.astimezone(UTC):%H:%M}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "answer"), counted(2, "answer"), counted(0, "success", "successes")
    ('1 answer', '2 answers', '0 successes')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def safe_url(url: str) -> str:
    """Return a web address that may become a link, else nothing.

    Only http, https and relative addresses may; browsers drop control characters and read
    backslashes as slashes, so an address with any of them, or with spaces, is none.

    Examples
    --------
    >>> safe_url("https://learn.example/joins"), safe_url("javascript:alert(1)")
    ('https://learn.example/joins', '')
    """
    if not url or not url.isprintable() or any(c.isspace() or c == "\\" for c in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme:
        return url if parts.scheme in {"http", "https"} and parts.netloc else ""
    return "" if parts.netloc else url


def learner_href(learner_id: str, role_id: str = "") -> str:
    """Return the address of a learner's page, relative, so that it works behind any prefix.

    Examples
    --------
    >>> learner_href("ada/1", "analyst")
    'learner?id=ada%2F1&role=analyst'
    """
    query = {"id": learner_id, "role": role_id} if role_id else {"id": learner_id}
    return f"learner?{urlencode(query)}"


def team_href(team_id: str) -> str:
    """Return the address of a team's page, relative.

    Examples
    --------
    >>> team_href("ops/emea")
    'team?id=ops%2Femea'
    """
    return f"team?{urlencode({'id': team_id})}"


def teams_href(after: str = "") -> str:
    """Return the address of a page of the list of teams, relative.

    Examples
    --------
    >>> teams_href(), teams_href("data")
    ('teams', 'teams?after=data')
    """
    return f"teams?{urlencode({'after': after})}" if after else "teams"


def learners_href(query: str = "", after: str = "") -> str:
    """Return the address of a page of the list of learners, relative.

    Examples
    --------
    >>> learners_href(), learners_href("ada", "l-050")
    ('./', './?q=ada&after=l-050')
    """
    given = {name: text for name, text in (("q", query), ("after", after)) if text}
    return f"./?{urlencode(given)}" if given else "./"
