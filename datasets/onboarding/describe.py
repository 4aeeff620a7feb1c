"""Print what is in the sample: counts, mean scores and learning curves.

    python datasets/onboarding/describe.py [DIR]

The figures of the data card come from here. Only the tables are read, not the hidden truth.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

Row = dict[str, str]
CURVE = 6  # opportunities shown of a learning curve


def read(folder: Path, name: str) -> list[Row]:
    """Return the rows of one table."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mean_score(rows: Iterable[Row], by: Callable[[Row], str]) -> list[tuple[str, int, float]]:
    """Return (group, number of responses, mean score) in the order of the group's name."""
    scores: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        scores[by(row)].append(float(row["score"]))
    return [(key, len(own), sum(own) / len(own)) for key, own in sorted(scores.items())]


def with_opportunity(responses: list[Row]) -> list[Row]:
    """Number each learner's responses on one skill at one level, from 1."""
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    numbered = []
    for row in responses:
        key = (row["learner"], row["skills"].split("~")[0], row["level"])
        counts[key] += 1
        numbered.append({**row, "opportunity": str(counts[key])})
    return numbered


def print_means(title: str, means: list[tuple[str, int, float]]) -> None:
    print(f"\n{title:28} responses  mean score")
    for group, n, mean in means:
        print(f"{group:28} {n:9,}  {mean:.3f}")


def main(folder: Path) -> None:
    """Print the description of the tables in `folder`."""
    print_sizes(folder)
    responses = read(folder, "responses.csv")
    print_groups(folder, responses)
    print_curves(responses)
    print("\nreached by the end of      learner, skill and level with two different items right")
    for month, reached in reached_by_month(responses):
        print(f"{month:28} {reached:9,}")


def print_sizes(folder: Path) -> None:
    for path in sorted(folder.glob("*.csv")):
        rows = len(read(folder, path.name))
        print(f"{path.name:20} {rows:7,} rows {path.stat().st_size:10,} bytes")


def print_groups(folder: Path, responses: list[Row]) -> None:
    roles = {row["learner_id"]: row["role_id"] for row in read(folder, "learners.csv")}
    kinds = {row["item_id"]: row["kind"] for row in read(folder, "items.csv")}
    active = {row["learner"] for row in responses}
    print(f"\n{len(active)} of {len(roles)} learners answered")
    print_means("all", mean_score(responses, lambda _: "all"))
    print_means("kind", mean_score(responses, lambda row: kinds[row["item"]]))
    print_means("role", mean_score(responses, lambda row: roles[row["learner"]]))
    print_means("level", mean_score(responses, lambda row: row["level"]))
    print_means("month", mean_score(responses, lambda row: row["answered_at"][:7]))
    skills = mean_score(responses, lambda row: str(row["skills"].count("~") + 1))
    print_means("skills of the item", skills)


def print_curves(responses: list[Row]) -> None:
    early = [r for r in with_opportunity(responses) if int(r["opportunity"]) <= CURVE]
    print_means("opportunity", mean_score(early, lambda row: row["opportunity"]))
    title = f"only those with all {CURVE}"
    print_means(title, mean_score(_long(early), lambda row: row["opportunity"]))


def reached_by_month(responses: list[Row]) -> list[tuple[str, int]]:
    """Count, up to each month's end, the (learner, skill, level) with two different items right."""
    right: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    months: dict[str, int] = {}
    reached = 0
    for row in responses:
        items = right[row["learner"], row["skills"].split("~")[0], row["level"]]
        before = len(items)
        if float(row["score"]) >= 0.5:
            items.add(row["item"])
        reached += before < 2 <= len(items)
        months[row["answered_at"][:7]] = reached
    return sorted(months.items())


def _long(rows: list[Row]) -> list[Row]:
    """Keep the skills and levels that a learner answered at least `CURVE` times on."""
    full = {
        (row["learner"], row["skills"].split("~")[0], row["level"])
        for row in rows
        if row["opportunity"] == str(CURVE)
    }
    return [r for r in rows if (r["learner"], r["skills"].split("~")[0], r["level"]) in full]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
