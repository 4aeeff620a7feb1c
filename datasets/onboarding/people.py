"""Invent the learners: their teams, roles, habits and what they can do on the first day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalogue import CONTENT, Catalogue, SkillLevel, slug
from dice import Dice

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday; day 0 of the simulation
LAST_DAY = 176  # 30 June 2026
NEXT_ROLES = {
    "junior-data-analyst": (("data-analyst", 0.9), ("", 0.1)),
    "data-analyst": (("senior-data-analyst", 0.65), ("analytics-engineer", 0.2), ("", 0.15)),
    "senior-data-analyst": (("data-team-lead", 0.5), ("", 0.5)),
    "analytics-engineer": (("senior-analytics-engineer", 0.8), ("", 0.2)),
    "senior-analytics-engineer": (("data-team-lead", 0.4), ("", 0.6)),
    "data-team-lead": (("", 1.0),),
}
ANALYSTS = (("junior-data-analyst", 0.35), ("data-analyst", 0.45), ("senior-data-analyst", 0.2))
ENGINEERS = (("analytics-engineer", 0.65), ("senior-analytics-engineer", 0.35))


@dataclass(frozen=True)
class Habits:
    """How somebody learns; none of it is written to the tables."""

    sessions_a_week: float
    abandons: float
    skips_modules: float
    reviews: float
    pretests: float
    patience: int = 5
    modesty: float = 0.6
    last_day: int = LAST_DAY
    away: tuple[tuple[int, int], ...] = ()
    only_goals: tuple[SkillLevel, ...] = ()
    leaves_out: tuple[str, ...] = ()
    only_reviews_from: int = LAST_DAY + 1


@dataclass(frozen=True)
class Traits:
    """What makes learning easy or hard for somebody; none of it is written to the tables."""

    ability: float
    speed: float
    memory_days: float


@dataclass(frozen=True)
class Person:
    """One invented learner, with the hidden starting point `knows`."""

    learner_id: str
    name: str
    team_id: str
    role_id: str
    next_role_id: str
    joined_day: int
    joined_minute: int
    utc_offset: int
    fold: int
    case: str
    traits: Traits
    habits: Habits
    knows: dict[str, int] = field(repr=False)

    @property
    def joined_at(self) -> datetime:
        return LAUNCH + timedelta(
            days=self.joined_day, minutes=self.joined_minute - 60 * self.utc_offset
        )


def invent_people(catalogue: Catalogue, seed: int) -> list[Person]:
    """Return everybody, sorted by learner_id."""
    page = tomllib.loads((CONTENT / "people.toml").read_text(encoding="utf-8"))
    seats = _seats(page, Dice(seed, "seats"))
    taken = {slug(row["name"]) for row in page["cases"]}
    names = _names(page["names"], Dice(seed, "names"), taken=taken)
    people = []
    for seat in seats:
        name = seat.get("name") or next(names)
        people.append(_person(catalogue, seat, name, Dice(seed, slug(name))))
    people.sort(key=lambda person: person.learner_id)
    places = Dice(seed, "folds").shuffled(range(len(people)))
    return [replace(person, fold=place % 5) for person, place in zip(people, places, strict=True)]


def _seats(page: dict[str, Any], dice: Dice) -> list[dict[str, Any]]:
    """Return one row per learner with team, role and clock; the teaching cases sit first."""
    seats: list[dict[str, Any]] = []
    for team in page["teams"]:
        cases = [dict(row) for row in page["cases"] if row["team_id"] == team["team_id"]]
        if all(row["role_id"] != "data-team-lead" or row["case"] == "new-hire" for row in cases):
            cases.append({"role_id": "data-team-lead"})
        while len(cases) < team["size"]:
            ladder = ENGINEERS if dice.chance(team["engineering"]) else ANALYSTS
            cases.append({"role_id": dice.weighted(*zip(*ladder, strict=True))})
        seats += [{"case": "", **row, **team} for row in cases]
    return seats


def _names(lists: list[dict[str, list[str]]], dice: Dice, *, taken: set[str]) -> Iterator[str]:
    """Yield names whose ids are all different, without end."""
    while True:
        names = dice.pick(lists)
        name = f"{dice.pick(names['given'])} {dice.pick(names['family'])}"
        if slug(name) not in taken:
            taken.add(slug(name))
            yield name


def _person(catalogue: Catalogue, seat: dict[str, Any], name: str, dice: Dice) -> Person:
    role_id = seat["role_id"]
    traits = _traits(dice)
    person = Person(
        learner_id=slug(name),
        name=name,
        team_id=seat["team_id"],
        role_id=role_id,
        next_role_id=dice.weighted(*zip(*NEXT_ROLES[role_id], strict=True)),
        joined_day=_joined_day(dice),
        joined_minute=dice.whole(8 * 60 + 30, 11 * 60),
        utc_offset=seat["utc_offset"],
        fold=0,
        case=seat["case"],
        traits=traits,
        habits=_habits(dice),
        knows=_prior_levels(catalogue, role_id, traits, dice),
    )
    if not person.case:
        return person
    targets = catalogue.roles[role_id].targets
    return CASES[person.case](person, {target.at.skill_id: target.at.level for target in targets})


def _traits(dice: Dice) -> Traits:
    ability = dice.normal()
    speed = 1.0 + 0.2 * ability + 0.2 * dice.normal()
    return Traits(ability, min(1.8, max(0.4, speed)), dice.uniform(22.0, 75.0))


def _joined_day(dice: Dice) -> int:
    """Return the day: two thirds at the launch, the others one by one until the end of May."""
    day = dice.whole(0, 11) if dice.chance(0.66) else dice.whole(14, 144)
    return day - max(0, day % 7 - 4)  # nobody joins at a weekend


def _habits(dice: Dice) -> Habits:
    keen = dice.uniform(0.0, 1.0)
    leave = dice.whole(20, 150)
    return Habits(
        sessions_a_week=0.3 + 1.15 * keen * keen,
        abandons=dice.uniform(0.02, 0.22),
        skips_modules=dice.uniform(0.05, 0.35),
        reviews=dice.uniform(0.05, 0.35),
        pretests=dice.uniform(0.2, 0.7),
        patience=dice.whole(3, 6),
        last_day=dice.whole(40, 140) if dice.chance(0.12) else LAST_DAY,
        away=((leave, leave + dice.whole(7, 21)),),
    )


def _prior_levels(catalogue: Catalogue, role_id: str, traits: Traits, dice: Dice) -> dict[str, int]:
    """Return the level of each skill on the first day: near the role's targets, mostly below."""
    role = catalogue.roles[role_id]
    targets = {target.at.skill_id: target.at.level for target in role.targets}
    levels = {}
    for skill_id in catalogue.skills:
        if skill_id in targets:
            level = targets[skill_id] - dice.weighted((0, 1, 2), (0.27, 0.45, 0.28))
            level += dice.chance(0.1 + 0.1 * max(-1.0, traits.ability))
        else:
            level = dice.weighted((0, 1, 2), (0.68, 0.24, 0.08))
        levels[skill_id] = min(catalogue.top_level(skill_id), max(0, level))
    return levels


def _near_ready(person: Person, targets: dict[str, int]) -> Person:
    """All of the role but two skills, and much evidence for it."""
    knows = {**person.knows, **targets, "product-analytics": 0, "dashboard-design": 1}
    habits = replace(
        person.habits,
        sessions_a_week=2.6,
        pretests=1.0,
        modesty=1.0,
        last_day=LAST_DAY,
        leaves_out=("product-analytics", "dashboard-design"),
    )
    traits = Traits(ability=1.4, speed=1.0, memory_days=120.0)
    return replace(person, joined_day=7, knows=knows, habits=habits, traits=traits)


def _stuck(person: Person, _targets: dict[str, int]) -> Person:
    """Always the advanced topics, never the joins and groupings that they stand on."""
    wanted = ("sql-window-functions", "query-performance", "data-modelling", "product-analytics")
    knows = {**person.knows, "sql-joins": 0, "sql-aggregation": 0, **dict.fromkeys(wanted, 0)}
    habits = replace(
        person.habits,
        sessions_a_week=1.0,
        pretests=0.0,
        patience=2,
        last_day=LAST_DAY,
        only_goals=tuple(SkillLevel(skill_id, 1) for skill_id in wanted),
    )
    traits = Traits(ability=-0.6, speed=0.12, memory_days=60.0)
    return replace(
        person, next_role_id="", joined_day=14, knows=knows, habits=habits, traits=traits
    )


def _forgot(person: Person, targets: dict[str, int]) -> Person:
    """A strong winter, ten weeks of leave, and a June of reviews that go badly."""
    knows = {**person.knows, **targets}
    habits = replace(
        person.habits,
        sessions_a_week=2.4,
        reviews=0.05,
        modesty=1.0,
        last_day=LAST_DAY,
        away=((81, 154),),
        only_reviews_from=155,
    )
    traits = Traits(ability=0.9, speed=1.3, memory_days=10.0)
    return replace(person, next_role_id="", joined_day=0, knows=knows, habits=habits, traits=traits)


def _new_hire(person: Person, _targets: dict[str, int]) -> Person:
    """Joined from 22 to 26 June; nothing is known about them yet."""
    habits = replace(person.habits, last_day=-1)
    return replace(person, joined_day=168 + person.joined_minute % 5, habits=habits)


CASES = {"near-ready": _near_ready, "stuck": _stuck, "forgot": _forgot, "new-hire": _new_hire}
