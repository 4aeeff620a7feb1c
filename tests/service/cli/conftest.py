"""The command line at hand, a little catalogue and a little log."""

import random

import pytest
from typer.testing import CliRunner

from service.cli.app import app

TABLES = {
    "skills": "skill_id,name\nselect,Selecting\njoins,Joining\ncharts,Charts\n",
    "prerequisites": "skill_id,requires\njoins,select\n",
    "roles": "role_id,name,ladder,rung\njunior,Junior,data,1\nsenior,Senior,data,2\n",
    "role_targets": "role_id,skill_id,level\n"
    "junior,select,1\nsenior,select,2\nsenior,joins,1\nsenior,charts,1\n",
    "items": "item_id,skills,level\n"
    "s1,select,1\ns2,select,1\ns3,select,2\nj1,joins,1\nj2,joins~select,1\nc1,charts,1\n",
    "modules": "module_id,title,minutes,requires\n"
    "m-select,Selecting rows,5,\nm-joins,Joining tables,10,\nm-charts,[Charts],15,\n",
    "module_effects": "module_id,skill_id,level,learn\n"
    "m-select,select,1,0.6\nm-joins,joins,1,0.5\nm-charts,charts,1,0.5\n",
    "learners": "learner_id,name,role_id\nada,Ada Lovelace,senior\nidle,,\n",
    "responses": "response_id,learner,item,score,answered_at\n"
    "r1,ada,s1,1,2026-03-01T09:00:00Z\nr2,ada,s2,1,2026-03-02T09:00:00Z\n",
}


@pytest.fixture
def run(monkeypatch):
    """Run `attain` with arguments; the result has exit_code, stdout and stderr."""
    monkeypatch.delenv("ATTAIN_DATABASE", raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path):
    """A folder of Attain's tables."""
    place = tmp_path / "framework"
    place.mkdir()
    for name, text in TABLES.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def database(run, folder, tmp_path):
    """A database with the folder imported."""
    path = tmp_path / "attain.db"
    result = run("import", folder, "--database", path)
    assert result.exit_code == 0, result.stderr
    return path


@pytest.fixture
def log(tmp_path):
    """A log of 40 learners, two skills and four folds, in which practice helps."""
    rng = random.Random(7)
    lines = ["learner,item,skills,correct,order,fold"]
    for learner in range(40):
        for order in range(12):
            skill = ("select", "joins")[order % 2]
            right = int(rng.random() < 0.3 + 0.05 * order)
            lines.append(f"l{learner},{skill}-{order},{skill},{right},{order},{learner % 4}")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
