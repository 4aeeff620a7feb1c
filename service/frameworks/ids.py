"""Ids made of names: short, stable, and fit for a URL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["distinct_slugs", "slug"]

Path = tuple[str, ...]


def slug(name: str) -> str:
    """Return a name as lower-case ASCII words joined by hyphens.

    Examples
    --------
    >>> slug("Senior DevOps engineer – management")
    'senior-devops-engineer-management'
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-") or "unnamed"


def distinct_slugs(paths: Iterable[Path]) -> tuple[dict[Path, str], list[str]]:
    """Return an id for every named thing, and a sentence for each that its slug did not suffice.

    Parameters
    ----------
    paths : iterable of tuple of str
        The name last, what it belongs to before it. Things that share a slug get what they belong
        to in front, where there is anything, and a number at the end where they still are alike, by
        their alphabet. So the ids depend on the names alone, never on the order of a file.

    Examples
    --------
    >>> distinct_slugs([("C",), ("C#",), ("Data",)])[0]
    {('Data',): 'data', ('C',): 'c', ('C#',): 'c-2'}
    """
    by_slug: dict[str, list[Path]] = {}
    for path in sorted(set(paths)):
        by_slug.setdefault(slug(path[-1]), []).append(path)
    ids = {alike[0]: one for one, alike in by_slug.items() if len(alike) == 1}
    taken = set(ids.values())
    told = []
    for one, alike in by_slug.items():
        for path in alike if len(alike) > 1 else ():
            ids[path] = _free(".".join(slug(part) for part in path), taken)
            taken.add(ids[path])
            if ids[path] != one:
                told.append(f"{path[-1]!r} shares the id {one!r} with others: it is {ids[path]!r}")
    return ids, told


def _free(wanted: str, taken: set[str]) -> str:
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found
