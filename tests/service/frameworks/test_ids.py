"""Ids made of names."""

import random

from service.frameworks.ids import distinct_slugs, slug


def test_a_slug_has_only_what_a_url_takes_as_it_is():
    assert slug("  Éthique & Data (AI/ML) ") == "ethique-data-ai-ml"
    assert slug("数据") == "unnamed"


def test_names_that_look_alike_get_different_ids_whatever_their_order():
    paths = [("C",), ("C#",), ("C++",), ("c 2",)]
    expected, told = distinct_slugs(paths)
    assert expected == {("C",): "c", ("C#",): "c-3", ("C++",): "c-4", ("c 2",): "c-2"}
    assert len(told) == 2
    for seed in range(5):
        shuffled = random.Random(seed).sample(paths, len(paths))
        assert distinct_slugs(shuffled) == (expected, told)


def test_what_a_name_belongs_to_tells_alike_names_apart():
    ids, told = distinct_slugs([("Data analyst", "Head"), ("Tester", "Head"), ("Tester", "Lead")])
    assert ids == {
        ("Data analyst", "Head"): "data-analyst.head",
        ("Tester", "Head"): "tester.head",
        ("Tester", "Lead"): "lead",
    }
    assert told[0] == "'Head' shares the id 'head' with others: it is 'data-analyst.head'"
