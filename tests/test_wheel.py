"""What an installation gets: exactly the two packages, with the sample's tables inside."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def shipped(wheel):
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_ships_exactly_engine_and_service(shipped):
    tops = {name.split("/")[0] for name in shipped}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"engine", "service"}


def test_the_wheel_carries_the_tables_of_the_sample_but_not_what_makes_them(shipped):
    tables = {path.name for path in (ROOT / "datasets" / "onboarding").glob("*.csv")}
    inside = {Path(name).name for name in shipped if name.startswith("service/sample/")}
    assert tables
    assert inside == tables | {"README.md"}


def test_the_wheel_carries_pages_styles_and_type_marker(shipped):
    assert "engine/py.typed" in shipped
    assert any(name.startswith("service/dashboard/") and name.endswith(".html") for name in shipped)
    assert any(name.startswith("service/dashboard/") and name.endswith(".css") for name in shipped)


def test_the_sample_is_found_in_a_wheel_and_in_a_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "from service.tables import sample_folder; print(sample_folder())"
    for root, folder in ((tmp_path, "service/sample"), (ROOT, "datasets/onboarding")):
        run = [sys.executable, "-c", code]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        found = subprocess.run(
            run, env=environment, cwd="/", capture_output=True, text=True, check=True
        )
        assert Path(found.stdout.strip()).resolve() == (root / folder).resolve()


def test_from_a_wheel_the_benchmarks_say_that_they_need_a_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    run = [sys.executable, "-c", "from service.cli import main; main()", "bench"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    found = subprocess.run(
        run, env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "the benchmarks need a checkout of Attain" in found.stderr


def test_datasets_and_tests_are_no_packages_and_shadow_nobody():
    for folder in ("datasets", "benchmarks", "tests"):
        assert not list((ROOT / folder).rglob("__init__.py"))
