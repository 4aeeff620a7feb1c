"""Accessibility that can be read off the markup and the style sheet (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient

VOID = {"meta", "link", "input", "br", "img", "hr"}
PAGES = (
    "/",
    "/?q=zzz",
    "/learner?id=ada",
    "/learner?id=ada&minutes=60",
    "/learner?id=ada&minutes=soon",
    "/learner?id=ada&role=loner",
    "/learner?id=bo",
    "/learner?id=nobody",
    "/teams",
    "/team?id=growth",
    "/team?id=tiny",
    "/team?id=roleless",
)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *tags: str) -> list[Element]:
        found = [self] if self.tag in tags else []
        return found + [one for child in self.children for one in child.all(*tags)]

    def whole_text(self) -> str:
        return " ".join([self.text, *(child.whole_text() for child in self.children)]).strip()


class Reader(HTMLParser):
    """A small tree of elements; refuses tags that are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"repeated attribute on {tag}"
        one = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(one)
        if tag not in VOID:
            self.open.append(one)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].text += data


def read(text: str) -> Element:
    reader = Reader()
    reader.feed(text)
    assert len(reader.open) == 1
    return reader.open[0]


@pytest.fixture(params=PAGES)
def document(request: pytest.FixtureRequest, client: TestClient, fake: Any, build: Any) -> Element:
    team = [build.LearnerProfile(f"g{k}", f"Gru {k}", "growth", "analyst") for k in range(4)]
    others = [build.LearnerProfile("solo", team_id="tiny", role_id="analyst")]
    others.append(build.LearnerProfile("new", team_id="roleless"))
    fake.profiles = (build.ADA, build.LearnerProfile("bo", "Bo Chen"), *team, *others)
    return read(client.get(request.param).text)


def test_a_page_has_a_language_a_title_and_one_of_each_landmark(document: Element) -> None:
    assert document.all("html")[0].attributes["lang"] == "en"
    assert document.all("title")[0].whole_text().endswith("· Attain")
    for landmark in ("header", "main", "footer"):
        assert len(document.all(landmark)) == 1
    labels = [nav.attributes["aria-label"] for nav in document.all("nav")]
    assert len(labels) == len(set(labels))


def test_the_first_stop_skips_to_the_content(document: Element) -> None:
    skip = document.all("a")[0]
    assert skip.attributes["href"] == "#content"
    assert document.all("main")[0].attributes["id"] == "content"


def test_headings_go_down_one_step_at_a_time(document: Element) -> None:
    levels = [int(one.tag[1]) for one in document.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(one.whole_text() for one in document.all("h1", "h2", "h3", "h4"))


def test_ids_are_unique_and_what_is_referred_to_exists(document: Element) -> None:
    everything = [one for child in document.children for one in flatten(child)]
    ids = [one.attributes["id"] for one in everything if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in everything:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(one.attributes.get(name, "").split()) <= set(ids)
        href = one.attributes.get("href", "")
        if href.startswith("#"):
            assert href[1:] in ids


def flatten(one: Element) -> list[Element]:
    return [one, *(below for child in one.children for below in flatten(child))]


def test_every_field_has_a_label_and_every_button_a_name(document: Element) -> None:
    labelled = {label.attributes["for"]: label.whole_text() for label in document.all("label")}
    fields = [
        one
        for one in document.all("input", "select", "textarea")
        if one.attributes.get("type") != "hidden"
    ]
    assert all(labelled[one.attributes["id"]] for one in fields)
    assert all(one.whole_text() for one in document.all("button", "a", "summary", "option"))


def test_every_table_has_a_caption_and_headers_with_a_scope(document: Element) -> None:
    for table in document.all("table"):
        (caption,) = table.all("caption")
        assert caption.whole_text()
        assert table.children[0] is caption
        assert all(header.attributes.get("scope") for header in table.all("th"))


def test_drawings_are_hidden_or_described(document: Element) -> None:
    def check(one: Element, inside_drawing: bool) -> None:
        if one.tag == "svg" and not inside_drawing:
            hidden = one.attributes.get("aria-hidden") == "true"
            described = one.attributes.get("role") == "img" and one.all("title", "desc")
            assert hidden or described
        for child in one.children:
            check(child, inside_drawing or one.tag == "svg")

    check(document, inside_drawing=False)


def test_status_is_told_in_words_beside_its_colour(client: TestClient) -> None:
    document = read(client.get("/learner?id=ada").text)
    told = {
        one.attributes["class"]: one.whole_text()
        for one in document.all("span")
        if one.attributes.get("class", "").startswith("status ")
    }
    assert told == {
        "status status-mastered": "Mastered",
        "status status-in-progress": "In progress",
        "status status-not-started": "Not started",
    }


# -- colours

CSS = (files("service.dashboard") / "static" / "attain.css").read_text(encoding="utf-8")
SCHEMES = {
    name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for name, block in zip(
        ("light", "dark"), re.findall(r":root \{(.*?)\}", CSS, re.S), strict=False
    )
}
TEXT_ON = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "callout"),
    ("ink", "idle-soft"),
    ("quiet", "paper"),
    ("quiet", "surface"),
    ("quiet", "idle-soft"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent-deep", "paper"),
    ("accent-deep", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("mastered", "surface"),
    ("mastered", "mastered-soft"),
    ("progress", "surface"),
    ("progress", "progress-soft"),
    ("idle", "surface"),
    ("idle", "idle-soft"),
    ("problem", "surface"),
]
DRAWN_ON = [
    ("control", "surface"),
    ("control", "track"),
    ("mastered", "track"),
    ("progress", "track"),
    ("accent", "track"),
    ("accent", "band"),
    ("mark", "surface"),
    ("mark", "track"),
]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(scheme: str, text: str, ground: str) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("drawn", "ground"), DRAWN_ON)
def test_drawings_and_borders_stand_out_from_their_ground(
    scheme: str, drawn: str, ground: str
) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[drawn], colours[ground]) >= 3.0


def test_colours_are_tokens_and_each_scheme_has_all_of_them() -> None:
    assert set(SCHEMES["light"]) == set(SCHEMES["dark"])
    rules = re.sub(r":root \{.*?\}", "", CSS, flags=re.S)
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;\s])", rules) == []
    assert set(re.findall(r"var\(--([a-z-]+)\)", CSS)) <= {*SCHEMES["light"], "shadow"}
