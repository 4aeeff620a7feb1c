"""An example of every operation: one story on an empty service, told in order.

`examples.json` holds requests with the answers that they really get; a test plays them, and writes
the answers anew where ATTAIN_RENEW_EXAMPLES is set.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["EXAMPLES_FILE", "Example", "add_examples", "read_examples"]

EXAMPLES_FILE = Path(__file__).with_name("examples.json")


class Example(NamedTuple):
    """A request, and the answer that it gets after those before it.

    Parameters
    ----------
    operation : str
        ``"PUT /v1/roles/{role_id}"``.
    answer : JSON or str
    path, query : dict
        What stands for the names in the address, and what is asked.
    body : JSON
        None where there is none.
    """

    operation: str
    answer: Any
    path: dict[str, Any] = {}  # noqa: RUF012  # a default of a tuple, never changed
    query: dict[str, Any] = {}  # noqa: RUF012
    body: Any = None


@cache
def read_examples() -> tuple[Example, ...]:
    """Return the examples in the order in which they are played."""
    return tuple(Example(**one) for one in json.loads(EXAMPLES_FILE.read_text(encoding="utf-8")))


def add_examples(described: dict[str, Any]) -> None:
    """Add to a description of the interface an example of every operation."""
    for one in read_examples():
        method, _, path = one.operation.partition(" ")
        operation = described["paths"][path][method.lower()]
        given = {**one.path, **one.query}
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in given:
                parameter["example"] = given[parameter["name"]]
        if one.body is not None:
            operation["requestBody"]["content"]["application/json"]["example"] = one.body
        responses = operation["responses"]
        done = responses.get("200") or responses["202"]
        for content in done["content"].values():
            content["example"] = one.answer
