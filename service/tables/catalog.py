"""The catalogue in a folder of tables: skills, prerequisites, items and modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine import (
    CompetencyFramework,
    Curriculum,
    Fault,
    InvalidInput,
    Item,
    Module,
    ModuleEffect,
    Prerequisite,
    Skill,
)

from .rows import Row, built
from .sheets import Sheets

__all__ = ["curriculum_of"]

_CIRCLES = ("prerequisites", "modules")


def curriculum_of(sheets: Sheets) -> Curriculum:
    """Return the curriculum; what is wrong is noted, and an empty one returned where it is."""
    skills = built(
        row.build(
            Skill,
            skill_id=skill_id,
            name=row.text("name"),
            group=row.text("group"),
            description=row.text("description"),
        )
        for skill_id, row in sheets.skill_rows.items()
    )
    edges, places = _prerequisites(sheets)
    items, modules = _items(sheets), _modules(sheets)
    try:
        framework = CompetencyFramework(skills, edges, scale=sheets.scale)
        return Curriculum(framework, items, modules)
    except InvalidInput as error:
        told = bool(sheets.notes.faults)  # then only circles are news: the rest follows from that
        found = [one for one in error.faults if not told or one.where in _CIRCLES]
        sheets.notes.faults.extend(_relocated(found, places))
        return Curriculum(CompetencyFramework(()))


def _prerequisites(sheets: Sheets) -> tuple[tuple[Prerequisite, ...], list[str]]:
    edges, places = [], []
    rows = sheets.rows("prerequisites", ("skill_id", "requires"), ("level", "requires_level"))
    for row in rows:
        fields: dict[str, Any] = {
            name: row.text(name)
            for name in ("skill_id", "requires")
            if row.refers(name, row.text(name), sheets.skill_rows)
        }
        fields |= {name: sheets.level(row, name) for name in ("level", "requires_level")}
        edge = row.build(Prerequisite, **fields) if len(fields) == 4 else None
        if edge is not None:
            edges.append(edge)
            places.append(row.place)
    return tuple(edges), places


def _items(sheets: Sheets) -> tuple[Item, ...]:
    found = []
    for item_id, row in sheets.item_rows.items():
        skills = row.names("skills")
        known = [row.refers("skills", one, sheets.skill_rows) for one in skills]
        item = row.build(
            Item,
            item_id=item_id,
            skills=skills,
            level=sheets.level(row),
            kind=row.text("kind") or "quiz",
            name=row.text("name"),
            url=row.text("url"),
            retired=row.truth("retired"),
        )
        found.append(item if all(known) else None)
    return built(found)


def _modules(sheets: Sheets) -> tuple[Module, ...]:
    if sheets.module_rows and sheets.path("module_effects") is None:
        sheets.notes.add("module_effects.csv", "is missing", "it says what the modules teach")
        return ()
    optional = ("level", "learn")
    effects = sheets.parts("module_effects", "module_id", sheets.module_rows, optional)
    return built(_module(sheets, row, effects[one]) for one, row in sheets.module_rows.items())


def _module(sheets: Sheets, row: Row, effects: list[Row]) -> Module | None:
    teaches = built(
        one.build(
            ModuleEffect,
            skill_id=one.text("skill_id"),
            level=sheets.level(one),
            learn=one.number("learn", 0.3),
        )
        for one in effects
    )
    requires = row.names("requires")
    known = [row.refers("requires", one, sheets.module_rows) for one in requires]
    if len(teaches) < len(effects) or not all(known):
        return None
    return row.build(
        Module,
        module_id=row.text("module_id"),
        teaches=teaches,
        minutes=row.number("minutes"),
        title=row.text("title"),
        format=row.text("format"),
        url=row.text("url"),
        description=row.text("description"),
        requires=requires,
        retired=row.truth("retired"),
        available_from=row.instant("available_from"),
        available_until=row.instant("available_until"),
        attempts=row.whole("attempts", 0) or None,
    )


def _relocated(faults: Iterable[Fault], edge_places: list[str]) -> Iterator[Fault]:
    """Return the faults that only the whole shows (circles), with files for their places."""
    for fault in faults:
        found = re.fullmatch(r"prerequisites\[(\d+)\](.*)", fault.where)
        where = edge_places[int(found[1])] + found[2] if found else f"{fault.where}.csv"
        yield Fault(where, fault.problem, fault.remedy)
