"""Rebuild the onboarding sample, byte for byte.

    python datasets/onboarding/build.py            rewrite every CSV in this folder
    python datasets/onboarding/build.py --check    compare, and exit 1 with a list of differences
    python datasets/onboarding/build.py --out DIR  write to another folder
    python datasets/onboarding/build.py --truth FILE
                                                   also write the hidden levels, to judge a model by

Standard library only, Python 3.11 or later. The hand-written content is in ``content/``; the
learners and what they did are simulated from one seed (see ``learning.py`` and ``diary.py``).
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from catalogue import Catalogue, read_catalogue
from diary import Answered, Completed, Diary, Shelf
from dice import Dice
from learning import Mind, World
from people import Person, invent_people

HERE = Path(__file__).parent
SEED = 2026
Row = Sequence[object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description="Rebuild the onboarding sample.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if different")
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument("--truth", type=Path, metavar="FILE", help="also write the hidden levels")
    options = parser.parse_args(arguments)
    tables, truth = build_tables(SEED)
    if options.truth:
        options.truth.write_bytes(truth.encode())
    return check(tables, options.out) if options.check else write(tables, options.out)


def write(tables: dict[str, str], folder: Path) -> int:
    """Write every table to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / name).write_bytes(text.encode())
    print(f"wrote {len(tables)} tables to {folder}")
    return 0


def check(tables: dict[str, str], folder: Path) -> int:
    """List the tables of `folder` that differ from a rebuild; return 1 if there are any."""
    differences = []
    for name, text in tables.items():
        path = folder / name
        if not path.is_file():
            differences.append(f"{name}: missing")
        elif path.read_bytes() != text.encode():
            differences.append(f"{name}: {_first_difference(path.read_bytes(), text.encode())}")
    for line in differences:
        print(line)
    if not differences:
        print(f"all {len(tables)} tables are as built")
    return 1 if differences else 0


def _first_difference(found: bytes, built: bytes) -> str:
    pairs = zip(found.split(b"\n"), built.split(b"\n"), strict=False)
    for number, (ours, theirs) in enumerate(pairs, start=1):
        if ours != theirs:
            return f"line {number} is {ours.decode(errors='replace')!r}, built {theirs.decode()!r}"
    return "one is longer than the other"


def build_tables(seed: int) -> tuple[dict[str, str], str]:
    """Return the text of every table by its file name, and the text of the hidden truth."""
    catalogue = read_catalogue()
    people = invent_people(catalogue, seed)
    history = simulate(catalogue, people, seed)
    tables = {
        **_framework_tables(catalogue),
        **_curriculum_tables(catalogue),
        "learners.csv": _learners(people),
        "responses.csv": _responses(history.answers),
        "completions.csv": _completions(history.completions),
    }
    return tables, _truth(people, history.levels)


@dataclass
class History:
    """What happened to everybody, in the order of time, and the levels they ended with."""

    answers: list[Answered] = field(default_factory=list)
    completions: list[Completed] = field(default_factory=list)
    levels: dict[str, dict[str, int]] = field(default_factory=dict)


def simulate(catalogue: Catalogue, people: Iterable[Person], seed: int) -> History:
    """Let everybody live through their half year, each on dice of their own."""
    world = World(catalogue, seed)
    shelf = Shelf(world)
    history = History()
    for person in people:
        mind = Mind(person, world, Dice(seed, f"mind {person.learner_id}"))
        diary = Diary(person, mind, shelf, Dice(seed, f"diary {person.learner_id}"))
        diary.live()
        history.answers += diary.answers
        history.completions += diary.completions
        history.levels[person.learner_id] = mind.levels()
    history.answers.sort(key=lambda row: (row.at, row.person.learner_id, row.item.item_id))
    history.completions.sort(key=lambda row: (row.at, row.person.learner_id, row.module.module_id))
    return history


def _framework_tables(catalogue: Catalogue) -> dict[str, str]:
    roles = catalogue.roles.values()
    return {
        "scale.csv": _csv("level,name,description", catalogue.scale),
        "skills.csv": _csv(
            "skill_id,name,group,description",
            ((s.skill_id, s.name, s.group, s.description) for s in catalogue.skills.values()),
        ),
        "prerequisites.csv": _csv(
            "skill_id,level,requires,requires_level",
            ((*at, *required) for at, required in catalogue.prerequisites),
        ),
        "roles.csv": _csv(
            "role_id,name,ladder,rung,mastery_threshold,description",
            (
                (r.role_id, r.name, r.ladder, r.rung, f"{r.mastery_threshold:.2f}", r.description)
                for r in roles
            ),
        ),
        "role_targets.csv": _csv(
            "role_id,skill_id,level,weight",
            (
                (role.role_id, *target.at, target.weight)
                for role in roles
                for target in role.targets
            ),
        ),
    }


def _curriculum_tables(catalogue: Catalogue) -> dict[str, str]:
    return {
        "items.csv": _csv(
            "item_id,kind,skills,level,name,url",
            (
                (i.item_id, i.kind, "~".join(i.skills), i.level, i.name, i.url)
                for i in catalogue.items
            ),
        ),
        "modules.csv": _csv(
            "module_id,title,format,minutes,url,requires,description",
            (
                (
                    m.module_id,
                    m.title,
                    m.format,
                    m.minutes,
                    m.url,
                    "~".join(m.requires),
                    m.description,
                )
                for m in catalogue.modules
            ),
        ),
        "module_effects.csv": _csv(
            "module_id,skill_id,level,learn",
            (
                (module.module_id, *effect.at, f"{effect.learn:.2f}")
                for module in catalogue.modules
                for effect in module.effects
            ),
        ),
    }


def _learners(people: Iterable[Person]) -> str:
    return _csv(
        "learner_id,name,team_id,role_id,next_role_id,joined_at",
        (
            (p.learner_id, p.name, p.team_id, p.role_id, p.next_role_id, _instant(p.joined_at))
            for p in people
        ),
    )


def _responses(answers: Iterable[Answered]) -> str:
    return _csv(
        "response_id,learner,item,skills,level,score,answered_at,fold",
        (
            (
                f"r-{number:05}",
                row.person.learner_id,
                row.item.item_id,
                "~".join(row.item.skills),
                row.item.level,
                f"{row.score:g}",
                _instant(row.at),
                row.person.fold,
            )
            for number, row in enumerate(answers, start=1)
        ),
    )


def _completions(completions: Iterable[Completed]) -> str:
    return _csv(
        "completion_id,learner,module,completed_at",
        (
            (f"c-{number:05}", row.person.learner_id, row.module.module_id, _instant(row.at))
            for number, row in enumerate(completions, start=1)
        ),
    )


def _truth(people: Iterable[Person], levels: dict[str, dict[str, int]]) -> str:
    return _csv(
        "learner,skill,level_on_joining,level_on_30_june",
        (
            (person.learner_id, skill_id, person.knows[skill_id], level)
            for person in people
            for skill_id, level in levels[person.learner_id].items()
        ),
    )


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _csv(header: str, rows: Iterable[Row]) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return page.getvalue()


if __name__ == "__main__":
    sys.exit(main())
