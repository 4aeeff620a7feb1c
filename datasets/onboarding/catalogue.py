"""Read the hand-written content: the scale, roles, skills, modules and items.

The content lives in ``content/*.toml``, one table per skill and level, because that is how it is
written and reviewed; the CSV tables are made from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

CONTENT = Path(__file__).parent / "content"
KINDS = (
    "quiz",
    "simulation",
    "project",
    "observation",
    "peer_review",
    "self_report",
    "credential",
)
SITE = "https://learn.example.org"


class SkillLevel(NamedTuple):
    """A skill at a level of the scale."""

    skill_id: str
    level: int


@dataclass(frozen=True)
class Skill:
    skill_id: str
    name: str
    group: str
    description: str


@dataclass(frozen=True)
class Item:
    """Something graded, at one level of one or more skills."""

    item_id: str
    kind: str
    skills: tuple[str, ...]
    level: int
    name: str

    @property
    def url(self) -> str:
        return f"{SITE}/items/{self.item_id}"


@dataclass(frozen=True)
class Effect:
    """What a module is declared to do: the chance of learning `at` from it."""

    at: SkillLevel
    learn: float


@dataclass(frozen=True)
class Module:
    """Something to do for some minutes that teaches one or two skills."""

    module_id: str
    title: str
    format: str
    minutes: int
    description: str
    effects: tuple[Effect, ...]
    requires: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"{SITE}/modules/{self.module_id}"


@dataclass(frozen=True)
class Target:
    at: SkillLevel
    weight: int


@dataclass(frozen=True)
class Role:
    role_id: str
    name: str
    ladder: str
    rung: int
    mastery_threshold: float
    description: str
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Catalogue:
    """All hand-written content, in the order in which it is written."""

    scale: tuple[tuple[int, str, str], ...]
    roles: dict[str, Role]
    skills: dict[str, Skill]
    prerequisites: tuple[tuple[SkillLevel, SkillLevel], ...]
    items: tuple[Item, ...]
    modules: tuple[Module, ...]

    def top_level(self, skill_id: str) -> int:
        """Return the highest level of a skill that any item looks at."""
        return max(item.level for item in self.items if item.skills[0] == skill_id)


def read_catalogue(folder: Path = CONTENT) -> Catalogue:
    """Read every TOML file of `folder`, in the order of its name."""
    scale: tuple[tuple[int, str, str], ...] = ()
    roles: dict[str, Role] = {}
    skills: dict[str, Skill] = {}
    prerequisites: list[tuple[SkillLevel, SkillLevel]] = []
    items: list[Item] = []
    modules: list[Module] = []
    for path in sorted(folder.glob("[0-9]-*.toml")):
        page = tomllib.loads(path.read_text(encoding="utf-8"))
        scale += tuple(
            (int(row["level"]), str(row["name"]), str(row["description"]))
            for row in page.pop("scale", [])
        )
        roles |= {row["role_id"]: _role(row) for row in page.pop("roles", [])}
        group = page.pop("group", "")
        for skill_id, table in page.items():
            skills[skill_id] = Skill(skill_id, table["name"], group, table["description"])
            number = 0
            for at, block in _levels(skill_id, table):
                prerequisites += [(at, _skill_level(text)) for text in block.get("requires", [])]
                modules += [_module(at, line) for line in block.get("modules", [])]
                for kind, line in _graded(block):
                    number += 1
                    items.append(_item(at, kind, line, number))
    return Catalogue(scale, roles, skills, tuple(prerequisites), tuple(items), tuple(modules))


def _levels(skill_id: str, table: dict[str, Any]) -> Iterator[tuple[SkillLevel, dict[str, Any]]]:
    for key in sorted(key for key in table if key.isdecimal()):
        yield SkillLevel(skill_id, int(key)), table[key]


def _graded(block: dict[str, Any]) -> Iterator[tuple[str, str]]:
    unknown = set(block) - set(KINDS) - {"requires", "modules"}
    if unknown:
        raise ValueError(f"unknown kinds of item: {', '.join(sorted(unknown))}")
    for kind in KINDS:
        for line in block.get(kind, []):
            yield kind, line


def _skill_level(text: str) -> SkillLevel:
    skill_id, level = text.split()
    return SkillLevel(skill_id, int(level))


def _role(row: dict[str, Any]) -> Role:
    targets = []
    for line in row["targets"]:
        skill_id, level, weight = line.split()
        targets.append(Target(SkillLevel(skill_id, int(level)), int(weight)))
    return Role(**{**row, "targets": tuple(targets)})


def _item(at: SkillLevel, kind: str, line: str, number: int) -> Item:
    name, *others = (part.strip() for part in line.split(" ~"))
    return Item(f"{at.skill_id}-{number:02}", kind, (at.skill_id, *others), at.level, name)


def _module(at: SkillLevel, line: str) -> Module:
    form, minutes, learn, title, description, *notes = (part.strip() for part in line.split(" | "))
    effects = [Effect(at, float(learn))]
    requires = []
    for note in notes:
        word, *rest = note.split()
        if word == "also":
            effects.append(Effect(SkillLevel(rest[0], int(rest[1])), float(rest[2])))
        elif word == "after":
            requires.append(rest[0])
        else:
            raise ValueError(f"{title}: a note starts with 'also' or 'after', not {word!r}")
    module_id = slug(title)
    return Module(
        module_id, title, form, int(minutes), description, tuple(effects), tuple(requires)
    )


PLAIN = str.maketrans(
    "áàâãäåçčćéèêëğíîïıńñňóôõöøřśšşúùûüýžźżł",
    "aaaaaaccceeeegiiiinnnooooorsssuuuuyzzzl",
)


def slug(text: str) -> str:
    """Return `text` as a kebab-case id in plain ASCII."""
    letters = text.casefold().replace("i̇", "i").translate(PLAIN)
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in letters.replace("'", ""))
    return "-".join(words.split())
