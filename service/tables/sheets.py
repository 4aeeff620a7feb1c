"""The tables of one folder, each read once, and the checks that they share."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from engine import Fault, InvalidInput, ProficiencyScale

from .rows import Notes, Row, rows_of

__all__ = ["Sheets"]


class Sheets:
    """The tables of one folder, each read when first asked for; faults go to `notes`.

    Raises
    ------
    InvalidInput
        `folder` is no folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = Notes()
        if not folder.is_dir():
            problem = "is a file, expected a folder" if folder.exists() else "does not exist"
            raise InvalidInput("folder", [Fault(str(folder), problem)])

    def rows(self, name: str, needed: Iterable[str], optional: Iterable[str] = ()) -> list[Row]:
        """Return the rows of a table; none where there is no such table."""
        path = self.path(name)
        return rows_of(path, tuple(needed), tuple(optional), self.notes) if path else []

    def path(self, name: str, *others: str) -> Path | None:
        """Return where a table is, if it is: a CSV, or a file of other endings."""
        places = (self.folder / f"{name}{ending}" for ending in (".csv", ".csv.gz", *others))
        return next((place for place in places if place.is_file()), None)

    @cached_property
    def scale(self) -> ProficiencyScale:
        """The proficiency scale, the usual one where there is no table of it."""
        rows = self.rows("scale", ("level", "name"), ("description",))
        if not rows:
            return ProficiencyScale()
        for position, row in enumerate(rows, start=1):
            if row.whole("level", 0) != position:
                row.fault("level", f"is {row.text('level')!r}, expected {position}, lowest first")
        try:
            return ProficiencyScale(tuple(row.text("name") for row in rows))
        except InvalidInput as error:
            for fault in error.faults:
                self.notes.add("scale.csv", f"{fault.where} {fault.problem}", fault.remedy)
            return ProficiencyScale(tuple(f"Level {k}" for k in range(1, len(rows) + 1)))

    @cached_property
    def skill_rows(self) -> dict[str, Row]:
        """The rows of the skills by their id."""
        if self.path("skills") is None:
            self.notes.add("skills.csv", "is missing", "every folder of tables has one")
        rows = self.rows("skills", ("skill_id",), ("name", "group", "description"))
        return self.by_id(rows, "skill_id")

    @cached_property
    def item_rows(self) -> dict[str, Row]:
        """The rows of the items by their id."""
        optional = ("level", "kind", "name", "url", "retired")
        return self.by_id(self.rows("items", ("item_id", "skills"), optional), "item_id")

    @cached_property
    def module_rows(self) -> dict[str, Row]:
        """The rows of the modules by their id."""
        described = ("title", "format", "url", "requires", "description", "retired")
        optional = (*described, "available_from", "available_until", "attempts")
        return self.by_id(self.rows("modules", ("module_id", "minutes"), optional), "module_id")

    @cached_property
    def role_rows(self) -> dict[str, Row]:
        """The rows of the roles by their id."""
        optional = ("name", "ladder", "rung", "mastery_threshold", "description")
        return self.by_id(self.rows("roles", ("role_id",), optional), "role_id")

    def by_id(self, rows: list[Row], column: str) -> dict[str, Row]:
        """Return the rows by their id, those that repeat one noted and left out."""
        found: dict[str, Row] = {}
        for row in rows:
            one = row.text(column)
            if one in found:
                row.fault(column, f"repeats {one!r} of {found[one].place}")
            else:
                found[one] = row
        return found

    def level(self, row: Row, column: str = "level") -> int:
        """Return a level of the scale; note it where it is none."""
        level, depth = row.whole(column, 1), len(self.scale.levels)
        if not 1 <= level <= depth:
            row.fault(column, f"is {level}, expected a level of the scale, 1 to {depth}")
            return 1
        return level

    def parts(
        self, name: str, owner: str, owners: dict[str, Row], optional: tuple[str, ...]
    ) -> dict[str, list[Row]]:
        """Return the rows that say what belongs to an owner, by the owner's id."""
        found: dict[str, list[Row]] = {one: [] for one in owners}
        seen: dict[tuple[str, ...], str] = {}
        for row in self.rows(name, (owner, "skill_id"), optional):
            one, skill_id = row.text(owner), row.text("skill_id")
            known = (
                row.refers(owner, one, owners),
                row.refers("skill_id", skill_id, self.skill_rows),
            )
            levels = (row.text("level"),) if name == "module_effects" else ()
            first = seen.setdefault((one, skill_id, *levels), row.place)
            if first != row.place:
                row.fault("skill_id", f"repeats {skill_id!r} of {first}")
            elif all(known):
                found[one].append(row)
        return found
