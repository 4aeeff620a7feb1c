"""Mappings that are never changed, and share with those made of them what stayed the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, overload

__all__ = ["Overlay"]

Value = TypeVar("Value")
Default = TypeVar("Default")


class Overlay(Mapping[str, Value]):
    """A read-only mapping: a few changes laid over a base that many mappings share.

    A state of a thousand entries of which an answer changes five need not be copied whole. When
    the changes have become many for the size of the base, they are merged into a new one. Values
    are never None, and no name is ever taken away.

    Parameters
    ----------
    base, changes : dict
        Not to be changed by anybody from now on.

    Examples
    --------
    >>> before = Overlay({"a": 1, "b": 2})
    >>> after = before.changed({"b": 3})
    >>> dict(before), dict(after)
    ({'a': 1, 'b': 2}, {'a': 1, 'b': 3})
    """

    __slots__ = ("_base", "_changes")

    def __init__(self, base: dict[str, Value], changes: dict[str, Value] | None = None) -> None:
        self._base = base
        self._changes = {} if changes is None else changes

    @classmethod
    def of(cls, mapping: Mapping[str, Value]) -> Overlay[Value]:
        """Return a mapping as an overlay; one that is one already as it is."""
        return mapping if type(mapping) is Overlay else cls(dict(mapping))

    def changed(self, changes: dict[str, Value]) -> Overlay[Value]:
        """Return the mapping with some values changed or added; this one stays as it is."""
        merged = self._changes | changes
        # Copying the changes each time and the base now and then costs least at the root.
        if len(merged) * len(merged) > 4 * len(self._base):
            return Overlay(self._base | merged)
        return Overlay(self._base, merged)

    def copy(self) -> dict[str, Value]:
        """Return a dict of one's own, in the order in which names first came."""
        return self._base | self._changes

    def __getitem__(self, name: str) -> Value:
        found = self._changes.get(name)
        return self._base[name] if found is None else found

    @overload
    def get(self, name: str, /) -> Value | None: ...
    @overload
    def get(self, name: str, /, default: Value | Default) -> Value | Default: ...
    def get(self, name: str, /, default: Any = None) -> Any:
        """Return a value, or the default; several times as fast as the inherited one."""
        found = self._changes.get(name)
        return self._base.get(name, default) if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self._changes or name in self._base

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self._base) + sum(name not in self._base for name in self._changes)

    def __repr__(self) -> str:
        return f"Overlay({self.copy()!r})"
