"""What others completed, as a prior over modules: learned offline, served as plain vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from ..domain.persistence import PRIOR, model_text, read_model, reading
from ..domain.records import Faults
from ..errors import NotFitted, did_you_mean, near_matches
from .features import FeatureVectors, features_of_learner, features_of_module, wanted_by
from .lightfm_fit import factors_by_lightfm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Module
    from ..domain.evidence import Completion
    from ..domain.framework import Role

__all__ = ["CollaborativePrior", "Liking", "Prior"]

Liking = Callable[[str, str], Any]
"""From a learner and a role to a score per module; only the order of the scores counts."""

_MODEL = "lightfm"


class Prior(Protocol):
    """Who is likely to take what, whatever it is worth to them.

    Examples
    --------
    >>> class Alphabetical:
    ...     def over(self, modules):
    ...         return lambda learner_id, role_id: range(len(modules))
    >>> prior: Prior = Alphabetical()
    """

    def over(self, modules: Sequence[Module]) -> Liking:
        """Return how a learner with a role likes these modules; asked once for many learners."""
        ...


@dataclass(frozen=True, slots=True)
class _Options:
    components: int = 16
    epochs: int = 60
    learning_rate: float = 0.02
    regularization: float = 1e-4
    seed: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_level("components", self.components)
        faults.check_level("epochs", self.epochs)
        faults.check_number("learning_rate", self.learning_rate, 0.0, 10.0, above=True)
        faults.check_number("regularization", self.regularization, 0.0, 1.0)
        faults.check_number("seed", self.seed, 0, 2**32 - 1)
        faults.raise_if_any("collaborative prior")


@dataclass(frozen=True, slots=True)
class _Learned:
    """Vectors of features; the modules' last component is their bias, the learners' is 1."""

    learners: FeatureVectors
    modules: FeatureVectors
    wanted: Mapping[str, Sequence[str]]


class CollaborativePrior:
    """Ranks modules by what similar learners completed, new modules by what they teach.

    A factorisation of completions by features (LightFM, WARP loss): a learner is their id and
    role, a module its id, skills, levels, format, and the roles that want its skills. Fitting
    takes LightFM (``attain[offline]``); the vectors that it leaves are all that serving takes. The
    id of what was not there at the fit adds nothing, so that the other features speak for it.

    Parameters
    ----------
    components : int, default 16
    epochs : int, default 60
    learning_rate : float, default 0.02
    regularization : float, default 1e-4
        Of all vectors, towards 0.
    seed : int, default 0

    Raises
    ------
    InvalidInput
        A parameter out of range.

    Examples
    --------
    >>> CollaborativePrior(components=8)
    CollaborativePrior(components=8, epochs=60, learning_rate=0.02, regularization=0.0001, seed=0)
    """

    OPTIONS = tuple(field.name for field in fields(_Options))
    """The names of the parameters."""

    def __init__(
        self,
        *,
        components: int = 16,
        epochs: int = 60,
        learning_rate: float = 0.02,
        regularization: float = 1e-4,
        seed: int = 0,
    ) -> None:
        self._options = _Options(components, epochs, learning_rate, regularization, seed)
        self._learned: _Learned | None = None

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in asdict(self._options).items())
        return f"CollaborativePrior({given})"

    def fit(
        self,
        completions: Iterable[Completion],
        *,
        curriculum: Curriculum,
        roles: Iterable[Role] = (),
        learner_roles: Mapping[str, str] | None = None,
    ) -> Self:
        """Learn from who completed what; a module that nobody completed is left to its features.

        Parameters
        ----------
        completions : iterable of Completion
        curriculum : Curriculum
            What the modules teach.
        roles : iterable of Role, optional
            What roles want.
        learner_roles : mapping of str to str, optional
            The id of each learner's role.

        Raises
        ------
        InvalidInput
            There are no completions, or some of unknown modules.
        ImportError
            LightFM is not installed.
        """
        seen = _checked(completions, curriculum)
        wanted, role_of = wanted_by(roles), learner_roles or {}
        learner_ids, module_ids = (sorted({pair[side] for pair in seen}) for side in (0, 1))
        learners = _Numbered(features_of_learner(one, role_of.get(one, "")) for one in learner_ids)
        modules = _Numbered(
            features_of_module(curriculum.modules[one], wanted) for one in module_ids
        )
        who = {one: i for i, one in enumerate(learner_ids)}
        what = {one: i for i, one in enumerate(module_ids)}
        pairs = np.array([(who[one], what[module_id]) for one, module_id in seen], np.int64)
        found = factors_by_lightfm(pairs, learners.rows, modules.rows, **asdict(self._options))
        self._learned = _Learned(
            FeatureVectors(tuple(learners.place), _with_column(found.learners, 0.0)),
            FeatureVectors(tuple(modules.place), _with_column(found.modules, found.biases)),
            wanted,
        )
        return self

    def over(self, modules: Sequence[Module]) -> Liking:
        """Return how learners like these modules: a function of a learner's id and role.

        Raises
        ------
        NotFitted
        """
        learned = self._when_fitted
        vectors = learned.modules.sums([features_of_module(m, learned.wanted) for m in modules])

        def liking(learner_id: str, role_id: str) -> NDArray[np.float64]:
            (learner,) = learned.learners.sums([features_of_learner(learner_id, role_id)])
            learner[-1] = 1.0  # the modules' bias
            scores: NDArray[np.float64] = vectors @ learner
            return scores

        return liking

    def vector_of(self, learner_id: str) -> tuple[float, ...] | None:
        """Return what was learned of a learner beyond their role; None where nothing was."""
        learners = self._when_fitted.learners
        place = learners.place.get(f"learner:{learner_id}")
        return None if place is None else tuple(learners.values[place, :-1].tolist())

    def without(self, *learner_ids: str) -> Self:
        """Return the same prior with nothing in it that is about these learners alone."""
        learned = self._when_fitted
        found = type(self)(**asdict(self._options))
        found._learned = replace(
            learned, learners=learned.learners.without(f"learner:{one}" for one in learner_ids)
        )
        return found

    def to_json(self) -> str:
        """Return the prior as text that :meth:`from_json` reads back exactly.

        Raises
        ------
        NotFitted
        """
        learned = self._when_fitted
        content = {
            "options": asdict(self._options),
            "wanted_by": dict(learned.wanted),
            "learners": learned.learners.to_plain(),
            "modules": learned.modules.to_plain(),
        }
        return model_text(_MODEL, content, format=PRIOR)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote, exactly.

        Raises
        ------
        ModelFormatError
            The text is corrupt, foreign, or of a newer version.
        """
        _, content = read_model(text, expected=_MODEL, format=PRIOR)
        with reading("prior"):
            prior = cls(**content["options"])
            width = prior._options.components + 1
            learners, modules = (
                FeatureVectors.from_plain(content[name], width) for name in ("learners", "modules")
            )
            wanted = {str(one): list(roles) for one, roles in content["wanted_by"].items()}
            prior._learned = _Learned(learners, modules, wanted)
        return prior

    @property
    def _when_fitted(self) -> _Learned:
        if self._learned is None:
            raise NotFitted("this CollaborativePrior has not been fitted: call fit first")
        return self._learned


class _Numbered:
    """Features numbered as they come: the rows of things, and the place of each name."""

    def __init__(self, things: Iterable[Sequence[str]]) -> None:
        self.place: dict[str, int] = {}
        self.rows = [
            [self.place.setdefault(name, len(self.place)) for name in one] for one in things
        ]


def _checked(completions: Iterable[Completion], curriculum: Curriculum) -> list[tuple[str, str]]:
    """Return each pair of learner and module once, in an order that does not hang on theirs."""
    faults, pairs = Faults(), set[tuple[str, str]]()
    for i, one in enumerate(completions):
        if one.module_id not in curriculum.modules:
            near = did_you_mean(near_matches(one.module_id, curriculum.modules))
            faults.add(f"completions[{i}]", f"names an unknown module, {one.module_id!r}{near}")
        pairs.add((one.learner_id, one.module_id))
    if not pairs:
        faults.add("completions", "are none, expected at least one")
    faults.raise_if_any("completions")
    return sorted(pairs)


def _with_column(vectors: NDArray[np.float32], last: Any) -> NDArray[np.float32]:
    column = np.broadcast_to(np.float32(last), (len(vectors),))
    return np.concatenate([vectors, column[:, None]], axis=1, dtype=np.float32)
