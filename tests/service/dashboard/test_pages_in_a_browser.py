"""The journey through the pages in Chromium, over the real application and the sample."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import uvicorn

from service.app import create_app
from service.keys import Grant
from service.scopes import Scope
from service.tables import read_folder, sample_folder
from service.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from engine import Role

pytestmark = pytest.mark.browser

CHROMIUM = Path(os.environ.get("ATTAIN_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TEAM = "people-analytics"
WIDTHS = (320, 390, 768, 1024, 1088, 1280)


class Site(NamedTuple):
    """A service that runs, and the workspace behind it."""

    address: str
    workspace: Workspace

    def login(self) -> str:
        return f"/login?code={self.workspace.invite('test', Grant([Scope.READ_ALL])).secret}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application with the sample's people, and the evidence of one of them and of a team."""
    sample = read_folder(sample_folder())
    shown = {one.learner_id for one in sample.learners if one.team_id == TEAM} | {"abena-bello"}
    with Workspace.open(tmp_path_factory.mktemp("pages") / "attain.db") as workspace:
        workspace.put_catalog(sample.curriculum)
        for role in sample.roles:
            workspace.put_role(role)
        workspace.put_role(with_dates(sample.roles[0]))
        workspace.put_learners(sample.learners)
        workspace.record([one for one in sample.evidence if one.learner_id in shown])
        yield from serve(workspace)


def with_dates(role: Role) -> Role:
    """The same targets, of which one was due long ago, and one is to be by the end of the age."""
    first, second, *others = role.targets
    past, future = (datetime(year, 1, 1, tzinfo=UTC) for year in (2001, 2199))
    dated = (replace(first, due_at=past), replace(second, due_at=future), *others)
    return replace(role, role_id="dated", name="With dates", ladder="", rung=0, targets=dated)


def serve(workspace: Workspace) -> Iterator[Site]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(workspace), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", workspace)
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing = f"no Chromium at {CHROMIUM}; ATTAIN_CHROMIUM names another place"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def stranger(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of somebody who has not signed in; it may say nothing on the console."""
    said: list[str] = []
    context = browser.new_context(base_url=site.address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [one for one in said if "401 (Unauthorized)" not in one] == []


@pytest.fixture
def page(stranger: Page, site: Site) -> Page:
    """A page of somebody who has signed in."""
    stranger.goto(site.login())
    return stranger


def test_a_login_address_opens_the_pages_once_and_signing_out_closes_them(
    stranger: Page, site: Site
) -> None:
    page, login = stranger, site.login()
    page.goto("/")
    assert page.get_by_role("heading", name="Sign in").is_visible()
    page.goto(login)
    assert page.get_by_role("heading", name="Learners").is_visible()
    assert page.url == f"{site.address}/"
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="Sign in").is_visible()
    assert page.context.cookies() == []
    page.context.add_cookies([cookie])  # as somebody would who had copied it
    page.goto("/")
    assert page.get_by_role("heading", name="Sign in").is_visible()
    page.goto(login)
    assert page.get_by_text("was used already").is_visible()


def test_a_login_address_on_another_site_s_page_leads_in_too(stranger: Page, site: Site) -> None:
    page = stranger
    page.route(
        "http://elsewhere.example/",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<a href="{site.address}{site.login()}">come in</a>'
        ),
    )
    page.goto("http://elsewhere.example/")
    page.get_by_role("link", name="come in").click()
    page.get_by_role("heading", name="You are signed in").wait_for()  # from elsewhere: not at once
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("heading", name="Learners").wait_for()


def test_the_reference_of_the_interface_needs_nothing_from_elsewhere(stranger: Page) -> None:
    stranger.goto("/docs")
    assert stranger.get_by_role("heading", name="POST /v1/responses").is_visible()
    for width in WIDTHS:
        stranger.set_viewport_size({"width": width, "height": 800})
        assert stranger.evaluate("document.documentElement.scrollWidth") <= width


def test_a_manager_goes_from_the_list_to_a_suggested_path(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name, id or team").fill("abena bel")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Abena Bello").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Abena Bello"
    mastery = page.get_by_role("table", name="Mastery against the targets of Data analyst")
    joins = mastery.get_by_role("row").filter(has_text="SQL: joining tables")
    assert "%" in joins.inner_text()
    assert "answers" in joins.inner_text()
    modules = page.get_by_role("region", name="Next modules").get_by_role("heading", level=3)
    assert modules.count() == 3
    chart = page.get_by_role("img", name="Readiness for Data analyst over time")
    assert chart.bounding_box()["width"] > 300  # type: ignore[index]

    page.get_by_label("Measure against the role").select_option(label="Data team lead")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("heading", name="Readiness for Data team lead").is_visible()

    page.get_by_label("Minutes to spend").fill("45")
    page.get_by_role("button", name="Suggest a path").click()
    path = page.get_by_role("table", name="Suggested path towards Data team lead")
    assert path.get_by_role("row").count() > 1
    assert page.url.endswith("minutes=45&week=120#path")
    assert re.search(r"\d+ \w+ \d{4}\s+Week 1", path.get_by_role("row").nth(1).inner_text())
    assert page.get_by_role("heading", name="A path for the time you have").is_visible()


def test_a_leader_goes_from_the_teams_to_a_gap_and_to_who_needs_coaching(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Teams").click()
    page.get_by_role("link", name=TEAM).click()
    assert page.get_by_role("heading", level=1).inner_text() == TEAM
    gaps = page.get_by_role("table", name="attained the targets of Data analyst")
    joins = gaps.get_by_role("row").filter(has_text="SQL: joining tables").inner_text()
    assert re.search(r"\d+ of 18\s+Working\s+\d+ to \d+\s+shown by \d+", joins)
    coached = page.get_by_role("region", name="In need of coaching")
    assert " answers on " in coached.get_by_role("listitem").first.inner_text()
    coached.get_by_role("link").first.click()
    assert page.get_by_role("heading", name="Readiness for Data analyst").is_visible()


def test_the_ladder_leads_to_the_next_role(page: Page) -> None:
    page.goto("/learner?id=abena-bello")
    page.get_by_role("region", name="Ladder").get_by_role("link", name="Senior").click()
    assert page.get_by_role("heading", name="Readiness for Senior data analyst").is_visible()


def test_the_numbers_of_the_chart_open_as_a_table(page: Page) -> None:
    page.goto("/learner?id=abena-bello")
    table = page.get_by_role("table", name="Readiness for Data analyst over time")
    assert not table.is_visible()
    page.get_by_text("Show the numbers as a table").click()
    assert table.get_by_role("row").count() > 5


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/learner?id=abena-bello&minutes=600&week=5",
        "/learner?id=abena-bello&role=dated&minutes=600&week=60",
        "/learner?id=ada-mbeki",
        "/teams",
        f"/team?id={TEAM}",
    ],
)
def test_nothing_overflows_at_any_width(page: Page, path: str) -> None:
    page.goto(path)
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        too_wide = page.eval_on_selector_all(
            ".card, .sheet, td, th",
            "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)",
        )
        assert too_wide == [], f"at {width} pixels"


def test_a_printed_page_fits_the_paper_and_leaves_the_forms_out(page: Page) -> None:
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 between usual margins
    page.goto("/learner?id=abena-bello")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert not page.get_by_role("button", name="Show").is_visible()
    assert page.get_by_role("table", name="Mastery against the targets").is_visible()


def test_the_keyboard_reaches_the_content_and_its_focus_is_seen(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("id") == "q"
    assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_follow_the_reader_s_colour_scheme(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(246, 245, 241)", "dark": "rgb(18, 23, 26)"}[scheme]


def test_small_targets_are_large_enough_to_hit(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/learner?id=abena-bello")
    sizes = page.eval_on_selector_all(
        "button, select, summary, input:not([type=hidden]), nav a",
        "all => all.map(e => [e.innerText, e.getBoundingClientRect().height])",
    )
    assert [name for name, height in sizes if height < 24] == []
