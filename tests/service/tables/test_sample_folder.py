"""Where the onboarding sample is found."""

import pytest

from engine import AttainError
from service.tables import sample_folder


def test_in_an_installed_package_the_sample_lies_inside_it(tmp_path):
    place = tmp_path / "service" / "sample"
    place.mkdir(parents=True)
    (place / "skills.csv").touch()
    assert sample_folder(tmp_path / "service") == place


def test_in_a_checkout_the_sample_lies_among_the_datasets(tmp_path):
    place = tmp_path / "datasets" / "onboarding"
    place.mkdir(parents=True)
    (place / "skills.csv").touch()
    assert sample_folder(tmp_path / "service") == place


def test_without_a_sample_both_places_are_named(tmp_path):
    with pytest.raises(AttainError, match="datasets"):
        sample_folder(tmp_path / "service")
