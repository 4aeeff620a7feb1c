"""Role targets in the published form of the Government Digital and Data framework."""

import csv
import gzip
import io

import pytest

from engine import InvalidInput
from engine.recommender import lint
from service.frameworks import detect_format, import_framework

HEADER = [
    "Role Family",
    "Role",
    "Role Description",
    "Role Level",
    "Role Level Description",
    "Skill Name",
    "Skill Description",
    "Skill Level",
    "Skill Level Description",
    "Role Type",
]


def row(role, rung, skill, level, about=""):
    return [
        "Kitchen",
        role,
        f"A {role}\n\nbakes.",
        rung,
        f"{rung} works.",
        skill,
        about,
        level,
        "",
        "",
    ]


BAKERY = [
    row("Baker", "Head of baking", "Dough & batter", "Expert", "Mixing"),
    row("Baker", "Head of baking", "Ovens", "Expert"),
    row("Baker", "Junior baker", "Dough & batter", "Working"),
    row("Baker", "Junior baker", "Dough & batter", "Working"),
    row("Baker", "Junior baker", "Ovens", "awareness"),
    row("Baker", "Trainee baker ", "Dough & batter", "Awareness"),
    row("Grocer", "NOT IN USE", "Shelves", "NOT IN USE"),
]


def write(path, rows, header=HEADER):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    data = text.getvalue().encode("utf-8-sig")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["roles.csv", "roles.csv.gz"])
def test_role_levels_become_rungs_of_a_ladder_in_their_natural_order(tmp_path, name):
    path = write(tmp_path / name, BAKERY)
    assert detect_format(path) == "ddat"
    roles = import_framework(path).roles
    assert [(r.role_id, r.ladder, r.rung) for r in roles] == [
        ("trainee-baker", "baker", 1),
        ("junior-baker", "baker", 2),
        ("head-of-baking", "baker", 3),
    ]
    assert {t.skill_id: t.level for t in roles[1].targets} == {"dough-batter": 2, "ovens": 1}
    assert roles[0].name == "Trainee baker"
    assert roles[2].description == "Head of baking works."


def test_every_skill_gets_two_assessments_at_every_level_so_that_all_can_be_mastered(tmp_path):
    read = import_framework(write(tmp_path / "roles.csv", BAKERY))
    assert len(read.curriculum.items) == 2 * 4 * 2
    assert {one.check for one in lint(read.curriculum, read.roles)} == {"no-modules"}
    item = read.curriculum.items["dough-batter.practitioner"]
    assert (item.skills, item.level, item.kind) == (("dough-batter",), 3, "observation")
    assert item.name == "Dough & batter: Practitioner"
    assert read.curriculum.skills["dough-batter"].description == "Mixing"


def test_rows_out_of_use_and_repeated_rows_are_left_out_and_reported(tmp_path):
    read = import_framework(write(tmp_path / "roles.csv", BAKERY))
    assert "Shelves" not in {skill.name for skill in read.curriculum.skills.values()}
    assert read.notes == (
        "left out 1 rows marked 'NOT IN USE'",
        "merged 1 rows that repeat a role level's skill",
    )


def test_where_rows_disagree_about_a_level_the_higher_one_holds_and_is_reported(tmp_path):
    rows = [row("Baker", "Baker", "Ovens", "Working"), row("Baker", "Baker", "Ovens", "Expert")]
    read = import_framework(write(tmp_path / "roles.csv", rows))
    assert read.roles[0].targets[0].level == 4
    assert any("'Ovens' at two levels" in note for note in read.notes)


def test_the_same_title_in_two_roles_makes_two_ids(tmp_path):
    rows = [row("Baker", "Head", "Ovens", "Expert"), row("Grocer", "Head", "Shelves", "Expert")]
    read = import_framework(write(tmp_path / "roles.csv", rows))
    assert [role.role_id for role in read.roles] == ["baker.head", "grocer.head"]
    assert len(read.notes) == 2


def test_the_order_of_the_rows_changes_nothing_but_the_order(tmp_path):
    there = import_framework(write(tmp_path / "a.csv", BAKERY))
    back = import_framework(write(tmp_path / "b.csv", BAKERY[::-1]))
    rungs = [
        {r.role_id: (r.rung, frozenset(r.targets)) for r in one.roles} for one in (there, back)
    ]
    assert rungs[0] == rungs[1]
    assert set(there.curriculum.items) == set(back.curriculum.items)


def test_unknown_levels_and_empty_names_are_faults_with_their_lines(tmp_path):
    rows = [row("Baker", "Baker", "Ovens", "Guru"), row("", "Baker", "Ovens", "Expert")]
    with pytest.raises(InvalidInput) as refused:
        import_framework(write(tmp_path / "roles.csv", rows))
    told = str(refused.value)
    assert "roles.csv line 2, Skill Level: is 'Guru', expected Awareness" in told
    # The texts above hold line breaks: two more in the first row.
    assert "roles.csv line 5, Role: is empty" in told


def test_a_missing_column_is_named(tmp_path):
    header = [name.replace("Skill Level", "Level") for name in HEADER]
    path = write(tmp_path / "roles.csv", BAKERY, header)
    with pytest.raises(InvalidInput, match="no column 'Skill Level'"):
        import_framework(path, "ddat")


def test_a_file_without_a_role_in_use_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no role"):
        import_framework(write(tmp_path / "roles.csv", BAKERY[-1:]))
