"""Features of modules and learners by name, and a vector for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Module
    from ..domain.framework import Role

__all__ = ["FeatureVectors", "features_of_learner", "features_of_module", "wanted_by"]


def features_of_learner(learner_id: str, role_id: str = "") -> list[str]:
    """Return who a learner is, and what they are or want to become.

    Examples
    --------
    >>> features_of_learner("ada", "analyst")
    ['learner:ada', 'role:analyst']
    """
    return [f"learner:{learner_id}", *([f"role:{role_id}"] if role_id else [])]


def features_of_module(module: Module, wanted: Mapping[str, Sequence[str]]) -> list[str]:
    """Return which module it is, what it teaches at which levels, its format, and roles it serves.

    Parameters
    ----------
    module : Module
    wanted : mapping of str to sequence of str
        Per skill, the roles with a target on it; see :func:`wanted_by`.

    Examples
    --------
    >>> from engine.domain import Module, ModuleEffect
    >>> module = Module("m1", [ModuleEffect("sql", level=2)], 5, format="video")
    >>> features_of_module(module, {"sql": ["analyst"]})
    ['module:m1', 'skill:sql', 'level:2', 'role:analyst', 'format:video']
    """
    skills = sorted({effect.skill_id for effect in module.teaches})
    levels = sorted({effect.level for effect in module.teaches})
    roles = sorted({role_id for skill_id in skills for role_id in wanted.get(skill_id, ())})
    return [
        f"module:{module.module_id}",
        *(f"skill:{one}" for one in skills),
        *(f"level:{one}" for one in levels),
        *(f"role:{one}" for one in roles),
        *([f"format:{module.format}"] if module.format else []),
    ]


def wanted_by(roles: Iterable[Role]) -> dict[str, list[str]]:
    """Return the ids of the roles that have a target on each skill."""
    found: dict[str, list[str]] = {}
    for role in roles:
        for target in role.targets:
            found.setdefault(target.skill_id, []).append(role.role_id)
    return found


@dataclass(frozen=True, eq=False)
class FeatureVectors:
    """A vector per feature; that of a thing is the sum over its features.

    Parameters
    ----------
    names : tuple of str
    values : ndarray of float32, shape (n_features, n_components)

    Examples
    --------
    >>> vectors = FeatureVectors(("skill:sql", "format:video"), np.eye(2, dtype=np.float32))
    >>> vectors.sums([["skill:sql", "format:video", "module:never-seen"]]).tolist()
    [[1.0, 1.0]]
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        shape = self.values.shape
        if len(shape) != 2 or shape[0] != len(self.names) or not np.isfinite(self.values).all():
            problem = f"have shape {shape}, expected ({len(self.names)}, n_components), all finite"
            raise InvalidInput("feature vectors", [Fault("values", problem)])

    @cached_property
    def place(self) -> dict[str, int]:
        """The row of each feature."""
        return {name: i for i, name in enumerate(self.names)}

    def sums(self, things: Sequence[Iterable[str]]) -> NDArray[np.float64]:
        """Return the vector per thing, shape (n_things, n_components).

        Features that were never seen, such as a new one's identity, add nothing.
        """
        known = [[self.place[name] for name in one if name in self.place] for one in things]
        owner = np.repeat(np.arange(len(things)), [len(rows) for rows in known])
        found = np.zeros((len(things), self.values.shape[1]))
        np.add.at(found, owner, self.values[[row for rows in known for row in rows]])
        return found

    def without(self, names: Iterable[str]) -> Self:
        """Return the same without some features."""
        gone = set(names)
        kept = [i for i, one in enumerate(self.names) if one not in gone]
        return type(self)(tuple(self.names[i] for i in kept), self.values[kept])

    def to_plain(self) -> dict[str, list[float]]:
        """Return the vectors by their feature, as they survive JSON; float32 to its last bit."""
        return dict(zip(self.names, self.values.astype(np.float64).tolist(), strict=True))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], n_components: int) -> Self:
        """Read what :meth:`to_plain` gave."""
        values = np.array(list(plain.values()), np.float32).reshape(len(plain), n_components)
        return cls(tuple(plain), values)
