"""`attain lint`."""

import json


def test_findings_are_told_check_by_check_and_make_the_exit_code_one(run, folder):
    result = run("lint", folder)
    assert result.exit_code == 1
    assert "untaught-target (1)\n  senior: no module teaches its target select at level 2" in (
        result.stdout
    )
    assert result.stdout.endswith(" findings\n")


def test_a_database_is_linted_like_the_folder_it_came_from(run, folder, database):
    from_folder = json.loads(run("lint", folder, "--json").stdout)
    from_database = json.loads(run("lint", "--database", database, "--json").stdout)
    assert from_database == from_folder
    assert {"check", "where", "problem", "remedy"} == set(from_folder["findings"][0])


def test_a_sound_folder_has_nothing_to_tell(run, folder):
    modules = folder / "modules.csv"
    modules.write_text(modules.read_text() + "m-deep,Deeper,5,\n")
    effects = folder / "module_effects.csv"
    effects.write_text(effects.read_text() + "m-deep,select,2,0.5\n")
    items = folder / "items.csv"
    items.write_text(items.read_text() + "s4,select,2\nc2,charts,1\n")
    result = run("lint", folder)
    assert result.stdout == "Nothing found.\n"
    assert result.exit_code == 0


def test_prerequisites_in_a_circle_are_refused_and_told(run, folder):
    edges = folder / "prerequisites.csv"
    edges.write_text(edges.read_text() + "select,joins\n")
    result = run("lint", folder)
    assert result.exit_code == 2
    assert "run in a circle" in result.stderr


def test_many_findings_of_a_kind_are_cut_short_unless_all_are_asked_for(run, folder):
    skills = folder / "skills.csv"
    lines = skills.read_text()
    commas = lines.splitlines()[0].count(",")
    skills.write_text(lines + "".join(f"new-{k}{',' * commas}\n" for k in range(12)))
    short, whole = run("lint", folder), run("lint", folder, "--all")
    assert "  … and 2 more: --all\n" in short.stdout
    assert "new-11" not in short.stdout
    assert "new-11" in whole.stdout
    assert short.stdout.splitlines()[-1] == whole.stdout.splitlines()[-1]
    assert len(json.loads(run("lint", folder, "--json").stdout)["findings"]) >= 12
