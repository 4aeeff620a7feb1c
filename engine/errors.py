"""Every error that Attain raises on purpose.

::

    AttainError
    ├── InvalidInput (ValueError)      input refused at the door; carries every fault found
    │   └── InvalidCurriculum          a framework, curriculum or role that contradicts itself
    ├── UnknownId (LookupError)        an id that nobody declared; names the nearest known ones
    ├── NotFitted                      a fitted model was asked for before `fit`
    ├── TooFew                         an answer about so few learners would tell of single ones
    └── ModelFormatError (ValueError)  a model file that cannot be read

Catch :class:`AttainError` to catch them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "AttainError",
    "Fault",
    "InvalidCurriculum",
    "InvalidInput",
    "ModelFormatError",
    "NotFitted",
    "TooFew",
    "UnknownId",
    "near_matches",
]

_SHOWN_FAULTS = 20


class AttainError(Exception):
    """The root of every error that Attain raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, what, and what would mend it.

    Parameters
    ----------
    where : str
        The place in the input, as its sender would name it: ``"modules[3].minutes"``.
    problem : str
        What is wrong and what was expected.
    remedy : str, optional
        What to do about it, when that is not obvious from the problem.

    Examples
    --------
    >>> print(Fault("modules[3].minutes", "is -5, expected more than 0"))
    modules[3].minutes: is -5, expected more than 0
    """

    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.problem}"
        return f"{sentence}; {self.remedy}" if self.remedy else sentence


class InvalidInput(AttainError, ValueError):
    """Input refused at the door, with every fault found in it.

    Parameters
    ----------
    what : str
        The thing refused: ``"response log"``.
    faults : sequence of Fault
        All of them, in the order of the input.

    Examples
    --------
    >>> raise InvalidInput("response log", [Fault("row 7, score", "is 1.5, expected 0 to 1")])
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid response log: row 7, score: is 1.5, expected 0 to 1
    """

    def __init__(self, what: str, faults: Sequence[Fault]) -> None:
        self.what = what
        self.faults = tuple(faults)
        super().__init__(what, self.faults)

    def __str__(self) -> str:
        if len(self.faults) == 1:
            return f"invalid {self.what}: {self.faults[0]}"
        shown = [f"  - {fault}" for fault in self.faults[:_SHOWN_FAULTS]]
        hidden = len(self.faults) - len(shown)
        if hidden:
            shown.append(f"  … and {hidden} more")
        return "\n".join([f"invalid {self.what}: {len(self.faults)} faults", *shown])


class InvalidCurriculum(InvalidInput):
    """A framework, curriculum or role that contradicts itself."""


class UnknownId(AttainError, LookupError):
    """An id that nobody declared.

    Parameters
    ----------
    kind : str
        What the id should have named: ``"item"``.
    given : str
        The id as given.
    known : iterable of str
        The declared ids, from which near matches are taken.

    Examples
    --------
    >>> raise UnknownId("item", "sql-join-07", ["sql-joins-07", "charts-01"])
    Traceback (most recent call last):
    engine.errors.UnknownId: unknown item 'sql-join-07'; did you mean 'sql-joins-07'?
    """

    def __init__(self, kind: str, given: str, known: Iterable[str] = ()) -> None:
        self.kind = kind
        self.given = given
        self.near = near_matches(given, known)
        super().__init__(kind, given, self.near)

    def __str__(self) -> str:
        return f"unknown {self.kind} {self.given!r}{did_you_mean(self.near)}"


class NotFitted(AttainError):
    """A fitted model was asked for before ``fit``."""


class TooFew(AttainError):
    """An answer about so few learners would tell of single ones.

    Parameters
    ----------
    fewest : int
    which : str, optional
        Of what kind there are too few.
    """

    def __init__(self, fewest: int, which: str = "") -> None:
        learners = f"learners {which}".strip()
        super().__init__(f"fewer than {fewest} {learners}: too few to tell of")


class ModelFormatError(AttainError, ValueError):
    """A model file that is corrupt, of another kind, or of a version not known here."""


def near_matches(given: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three known ids that look like the given one, nearest first.

    Examples
    --------
    >>> near_matches("sql-join", ["sql-joins", "charts"])
    ('sql-joins',)
    """
    return tuple(get_close_matches(given, list(known), n=3, cutoff=0.6))


def did_you_mean(near: Sequence[str]) -> str:
    """Return the end of a sentence that offers the near matches, or nothing."""
    if not near:
        return ""
    return "; did you mean " + " or ".join(repr(name) for name in near) + "?"
