"""The onboarding sample keeps the promises of its data card."""

import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "datasets" / "onboarding"
TABLES = (
    "scale",
    "skills",
    "prerequisites",
    "roles",
    "role_targets",
    "items",
    "modules",
    "module_effects",
    "learners",
    "responses",
    "completions",
)
KINDS = {
    "quiz",
    "simulation",
    "project",
    "observation",
    "peer_review",
    "self_report",
    "credential",
}
INSTANT = re.compile(r"2026-0[1-6]-\d\dT\d\d:\d\d:\d\dZ")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@cache
def table(name):
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(name, column):
    return [row[column] for row in table(name)]


def instant(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def build(*arguments):
    command = [sys.executable, str(SAMPLE / "build.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def needed_levels():
    """Every (skill, level) that a role targets, with the levels below and all prerequisites."""
    requires = defaultdict(list)
    for row in table("prerequisites"):
        requires[row["skill_id"], int(row["level"])].append(
            (row["requires"], int(row["requires_level"]))
        )
    waiting = [(row["skill_id"], int(row["level"])) for row in table("role_targets")]
    needed = set()
    while waiting:
        skill_id, level = at = waiting.pop()
        if level >= 1 and at not in needed:
            needed.add(at)
            waiting += [(skill_id, level - 1), *requires[at]]
    return needed


# Rebuilding


def test_a_rebuild_gives_every_table_byte_for_byte():
    outcome = build("--check")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_changed_byte_is_found_and_named(tmp_path):
    for name in TABLES[:-1]:
        text = (SAMPLE / f"{name}.csv").read_bytes()
        (tmp_path / f"{name}.csv").write_bytes(text)
    path = tmp_path / "roles.csv"
    path.write_bytes(path.read_bytes().replace(b"0.90", b"0.91"))
    outcome = build("--check", "--out", tmp_path)
    assert outcome.returncode == 1
    lines = outcome.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("roles.csv: line 2 is 'junior-data-analyst")
    assert lines[1] == "completions.csv: missing"


# The data card


def test_the_data_card_counts_every_table_right():
    card = (SAMPLE / "README.md").read_text(encoding="utf-8")
    promised = {
        name: int(rows.replace(",", ""))
        for name, rows in re.findall(r"^\| `(\w+)\.csv` \| ([\d,]+) \|", card, re.MULTILINE)
    }
    assert promised == {name: len(table(name)) for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_the_data_card_lists_the_columns_in_their_order(name):
    card = (SAMPLE / "README.md").read_text(encoding="utf-8")
    line = next(line for line in card.splitlines() if line.startswith(f"| `{name}.csv`"))
    assert line.split("`")[-2].split(", ") == list(table(name)[0])


def test_the_data_card_counts_items_by_kind():
    card = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for kind, count in Counter(ids("items", "kind")).items():
        assert re.search(rf"\b{kind} \({count}\b", card), (kind, count)


def test_the_data_card_gives_the_mean_score_of_every_kind():
    card = (SAMPLE / "README.md").read_text(encoding="utf-8")
    kinds = {row["item_id"]: row["kind"] for row in table("items")}
    scores = defaultdict(list)
    for row in table("responses"):
        scores[kinds[row["item"]]].append(float(row["score"]))
    for kind, own in scores.items():
        figure = f"{mean(own):.3f}".removeprefix("0")
        assert f"| {kind} | {len(own):,} | {figure} |" in card, kind


def test_the_sample_has_the_size_that_it_was_made_for():
    assert 25 <= len(table("skills")) <= 40
    assert 80 <= len(table("modules")) <= 150
    assert len(table("items")) >= 300
    assert 12 <= len(set(ids("learners", "team_id"))) <= 20
    assert 20_000 <= len(table("responses")) <= 30_000
    assert 5_000 <= len(table("completions")) <= 10_000
    assert sum((SAMPLE / f"{name}.csv").stat().st_size for name in TABLES) < 3_500_000


# The framework


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("skills", "skill_id"),
        ("roles", "role_id"),
        ("items", "item_id"),
        ("modules", "module_id"),
        ("learners", "learner_id"),
        ("responses", "response_id"),
        ("completions", "completion_id"),
    ],
)
def test_ids_are_unique_and_kebab_case(name, column):
    own = ids(name, column)
    assert len(set(own)) == len(own)
    assert all(KEBAB.fullmatch(one) for one in own)


@pytest.mark.parametrize(
    ("name", "column", "owner", "key"),
    [
        ("prerequisites", "skill_id", "skills", "skill_id"),
        ("prerequisites", "requires", "skills", "skill_id"),
        ("prerequisites", "level", "scale", "level"),
        ("prerequisites", "requires_level", "scale", "level"),
        ("role_targets", "role_id", "roles", "role_id"),
        ("role_targets", "skill_id", "skills", "skill_id"),
        ("role_targets", "level", "scale", "level"),
        ("items", "skills", "skills", "skill_id"),
        ("items", "level", "scale", "level"),
        ("modules", "requires", "modules", "module_id"),
        ("module_effects", "module_id", "modules", "module_id"),
        ("module_effects", "skill_id", "skills", "skill_id"),
        ("module_effects", "level", "scale", "level"),
        ("learners", "role_id", "roles", "role_id"),
        ("learners", "next_role_id", "roles", "role_id"),
        ("responses", "learner", "learners", "learner_id"),
        ("responses", "item", "items", "item_id"),
        ("completions", "learner", "learners", "learner_id"),
        ("completions", "module", "modules", "module_id"),
    ],
)
def test_every_id_that_is_used_exists(name, column, owner, key):
    used = {one for cell in ids(name, column) for one in cell.split("~") if one}
    assert used - set(ids(owner, key)) == set()


def test_every_needed_level_is_taught_and_assessed_twice():
    taught = {(row["skill_id"], int(row["level"])) for row in table("module_effects")}
    assessed = Counter((row["skills"].split("~")[0], int(row["level"])) for row in table("items"))
    assert needed_levels() - taught == set()
    assert {at for at in needed_levels() if assessed[at] < 2} == set()


def test_no_level_exists_that_no_role_needs():
    taught = {(row["skill_id"], int(row["level"])) for row in table("module_effects")}
    assessed = {
        (skill, int(row["level"])) for row in table("items") for skill in row["skills"].split("~")
    }
    assert (taught | assessed) - needed_levels() == set()


def test_prerequisites_run_in_no_circle():
    below = defaultdict(set)
    for skill_id, level in needed_levels():
        below[skill_id, level] |= {(skill_id, level - 1)} if level > 1 else set()
    for row in table("prerequisites"):
        assert row["skill_id"] != row["requires"]
        below[row["skill_id"], int(row["level"])].add((row["requires"], int(row["requires_level"])))
    while below:
        free = {at for at, required in below.items() if not required & below.keys()}
        assert free, f"a circle among {sorted(below)}"
        for at in free:
            del below[at]


def test_modules_require_one_another_in_no_circle_and_last_minutes():
    done = set()
    waiting = {
        row["module_id"]: set(filter(None, row["requires"].split("~"))) for row in table("modules")
    }
    while waiting:
        free = {module for module, required in waiting.items() if required <= done}
        assert free, f"a circle among {sorted(waiting)}"
        done |= free
        waiting = {module: required for module, required in waiting.items() if module not in done}
    assert all(3 <= int(row["minutes"]) <= 25 for row in table("modules"))
    assert len(set(ids("modules", "format"))) >= 6


def test_items_are_of_every_kind_and_some_exercise_several_skills():
    assert set(ids("items", "kind")) == KINDS
    several = [row for row in table("items") if "~" in row["skills"]]
    assert 0.10 <= len(several) / len(table("items")) <= 0.15
    assert all(
        len(set(row["skills"].split("~"))) == row["skills"].count("~") + 1 for row in several
    )
    assert len(set(ids("items", "name"))) == len(table("items"))


def test_declared_effects_are_probabilities_within_reason():
    assert all(0.35 <= float(row["learn"]) <= 0.75 for row in table("module_effects"))
    effects = Counter(ids("module_effects", "module_id"))
    assert set(effects) == set(ids("modules", "module_id"))
    assert max(effects.values()) == 2


def test_a_higher_rung_of_a_ladder_never_asks_for_less_of_a_skill():
    targets = defaultdict(dict)
    for row in table("role_targets"):
        assert row["skill_id"] not in targets[row["role_id"]]
        targets[row["role_id"]][row["skill_id"]] = int(row["level"])
    rungs = sorted(table("roles"), key=lambda row: (row["ladder"], int(row["rung"])))
    for lower, upper in pairwise(rungs):
        if lower["ladder"] == upper["ladder"]:
            above = targets[upper["role_id"]]
            assert all(above.get(s, n) >= n for s, n in targets[lower["role_id"]].items())


# The evidence


def test_responses_repeat_the_skills_and_level_of_their_item():
    items = {row["item_id"]: (row["skills"], row["level"]) for row in table("items")}
    assert all((row["skills"], row["level"]) == items[row["item"]] for row in table("responses"))


def test_scores_are_right_or_wrong_except_where_a_person_marks():
    kinds = {row["item_id"]: row["kind"] for row in table("items")}
    found = defaultdict(set)
    for row in table("responses"):
        found[kinds[row["item"]]].add(float(row["score"]))
    for kind in KINDS - {"project", "observation", "peer_review"}:
        assert found[kind] <= {0.0, 1.0}
    for kind in ("project", "observation", "peer_review"):
        assert found[kind] == {0.0, 0.25, 0.5, 0.75, 1.0}


@pytest.mark.parametrize(
    ("name", "key", "column"),
    [
        ("responses", "response_id", "answered_at"),
        ("completions", "completion_id", "completed_at"),
    ],
)
def test_evidence_is_in_order_of_time_and_follows_joining(name, key, column):
    joined = dict(zip(ids("learners", "learner_id"), ids("learners", "joined_at"), strict=True))
    order = [(row[column], row[key]) for row in table(name)]
    assert order == sorted(order)
    assert all(INSTANT.fullmatch(at) and instant(at) for at in ids(name, column))
    assert all(row[column] > joined[row["learner"]] for row in table(name))


def test_a_module_is_completed_after_the_modules_that_it_requires():
    requires = {
        row["module_id"]: set(filter(None, row["requires"].split("~"))) for row in table("modules")
    }
    done = defaultdict(set)
    for row in table("completions"):
        assert requires[row["module"]] <= done[row["learner"]]
        done[row["learner"]].add(row["module"])


def test_folds_belong_to_learners_and_are_of_like_size():
    folds = defaultdict(set)
    for row in table("responses"):
        folds[row["learner"]].add(row["fold"])
    assert all(len(own) == 1 for own in folds.values())
    sizes = Counter(fold for own in folds.values() for fold in own)
    assert set(sizes) == {"0", "1", "2", "3", "4"}
    assert min(sizes.values()) >= 0.8 * max(sizes.values())


# Plausibility


def mean(scores):
    return sum(scores) / len(scores)


def scores_of(learner, first="2026-01", last="2026-06"):
    return [
        float(row["score"])
        for row in table("responses")
        if row["learner"] == learner and first <= row["answered_at"][:7] <= last
    ]


def test_the_mean_score_is_neither_hopeless_nor_trivial():
    assert 0.65 <= mean([float(row["score"]) for row in table("responses")]) <= 0.75


def test_scores_rise_with_every_one_of_the_first_opportunities():
    count = Counter()
    scores = defaultdict(list)
    for row in table("responses"):
        key = row["learner"], row["skills"].split("~")[0], row["level"]
        count[key] += 1
        scores[count[key]].append(float(row["score"]))
    curve = [mean(scores[opportunity]) for opportunity in range(1, 5)]
    assert curve == sorted(curve)
    assert curve[-1] - curve[0] > 0.1


def test_people_learn_mostly_in_working_hours():
    weekdays = Counter(instant(row["answered_at"]).weekday() for row in table("responses"))
    assert (weekdays[5] + weekdays[6]) / len(table("responses")) < 0.05


def test_new_hires_have_no_evidence():
    late = {row["learner_id"] for row in table("learners") if row["joined_at"] >= "2026-06-20"}
    assert late == {
        "ada-mbeki",
        "bruno-teixeira",
        "divya-menon",
        "joon-park",
        "petra-svoboda",
        "tariq-haddad",
    }
    assert late & {*ids("responses", "learner"), *ids("completions", "learner")} == set()


def test_the_nearly_ready_learner_has_shown_all_but_two_skills():
    shown = defaultdict(int)
    for row in table("responses"):
        if row["learner"] == "nadia-benali" and float(row["score"]) >= 0.5:
            for skill in row["skills"].split("~"):
                shown[skill] = max(shown[skill], int(row["level"]))
    targets = [row for row in table("role_targets") if row["role_id"] == "data-analyst"]
    missing = {row["skill_id"] for row in targets if shown[row["skill_id"]] < int(row["level"])}
    assert missing == {"dashboard-design", "product-analytics"}


def test_the_stuck_learner_tries_on_and_does_not_get_better():
    assert len(scores_of("callum-whitfield")) >= 40
    assert mean(scores_of("callum-whitfield", first="2026-04")) < 0.5


def test_the_learner_who_forgot_was_strong_before_the_leave():
    assert scores_of("astrid-norgaard", first="2026-04", last="2026-05") == []
    winter = mean(scores_of("astrid-norgaard", last="2026-03"))
    june = mean(scores_of("astrid-norgaard", first="2026-06"))
    assert winter - june > 0.15
