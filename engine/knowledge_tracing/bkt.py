"""Bayesian knowledge tracing: the tracer of classical hidden Markov chains, level by level."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..domain.curriculum import Curriculum, Module
from ..domain.framework import SkillLevel
from ..domain.knowledge import KnowledgeState, SkillKnowledge
from ..domain.records import is_number
from ..domain.responses import Completion, Response
from ..errors import Fault, InvalidInput, UnknownId
from .belief import Exercise, belief_about, credited, inputs, moved, remembered
from .chain import LevelChain
from .conjunction import p_all_work
from .convergence import FitReport
from .filtering import practised
from .parameters import DEFAULT_PARAMETERS, LevelParameters, SkillParameters
from .persistence import model_text, read_model, reading
from .tracer import Targets, targets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BKT"]

_OPTIONS = ("forget", "noise", "restarts", "max_iterations", "tolerance", "seed")


class BKT:
    """Bayesian knowledge tracing (Corbett & Anderson 1994) with ordinal levels.

    For each learner and skill the level attained is a hidden state z in {0, …, n}; n = 1 is the
    classical model, exactly. An item looks at whether z is at or above its level, through guess
    and slip; each response is also an opportunity to learn the level (and, on request, to forget
    it). Items that take several skills follow NIDA (Junker & Sijtsma 2001): see
    :mod:`.conjunction`. Parameters are the posterior mode under Beta priors, found by
    expectation-maximisation: see :mod:`.expectation_maximisation`.

    The tracer is of use before it was fitted: default parameters hold, and after a fit pooled
    ones hold for skills and levels that the log did not have.

    Parameters
    ----------
    curriculum : Curriculum, optional
        Says which skills an item exercises and what a module teaches.
    forget : {None, "opportunity"}, default None
        Whether each opportunity may also find the level forgotten.
    noise : {"skill"}, default "skill"
        What guess and slip belong to.
    restarts : int, default 5
        Starting points of the fit per skill; the best penalised objective wins.
    max_iterations : int, default 500
        Passes over a skill's responses at most, per restart.
    tolerance : float, default 1e-3
        A skill has converged when a pass gains less than this many nats.
    seed : int, default 0
        Of the starting points; the same seed gives the same fit.

    Examples
    --------
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> tracer = BKT(curriculum=curriculum)
    >>> state = tracer.start("ada")
    >>> state = tracer.update(state, Response("ada", "q1", score=1.0))
    >>> tracer.attainment(state, [SkillLevel("sql")]).round(3)
    array([0.735])
    """

    def __init__(
        self,
        *,
        curriculum: Curriculum | None = None,
        forget: str | None = None,
        noise: str = "skill",
        restarts: int = 5,
        max_iterations: int = 500,
        tolerance: float = 1e-3,
        seed: int = 0,
    ) -> None:
        self.curriculum = curriculum
        self.forget = forget
        self.noise = noise
        self.restarts = restarts
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.seed = seed
        self._parameters: Mapping[str, SkillParameters] | None = None
        self._report: FitReport | None = None
        self._pooled: tuple[LevelParameters, ...] = (DEFAULT_PARAMETERS,)
        self._fitted_items: Mapping[str, tuple[SkillLevel, ...]] = {}
        self._bind()
        self._check_options()

    def _check_options(self) -> None:
        faults = [
            *_choice_faults("forget", self.forget, (None, "opportunity")),
            *_choice_faults("noise", self.noise, ("skill",)),
            *_whole_number_faults("restarts", self.restarts, 1),
            *_whole_number_faults("max_iterations", self.max_iterations, 1),
            *_whole_number_faults("seed", self.seed, 0),
        ]
        if not (is_number(self.tolerance) and self.tolerance > 0.0):
            faults.append(Fault("tolerance", f"is {self.tolerance!r}, expected a number above 0"))
        if faults:
            raise InvalidInput("options of BKT", faults)

    def _bind(self) -> None:
        """Forget what was derived from the curriculum and the parameters."""
        self._chains: dict[str, LevelChain] = {}
        self._exercises: dict[str, tuple[Exercise, ...]] = {}

    @property
    def _forgets(self) -> bool:
        return self.forget is not None

    # -- hyper-parameters, the way scikit-learn reads and sets them ---------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  # scikit-learn's signature
        """Return the hyper-parameters by name."""
        return {"curriculum": self.curriculum, **{name: getattr(self, name) for name in _OPTIONS}}

    def set_params(self, **params: Any) -> Self:
        """Set hyper-parameters by name; what was fitted stays."""
        known = self.get_params()
        for name in params:
            if name not in known:
                raise UnknownId("option of BKT", name, known)
        before = {name: known[name] for name in params}
        vars(self).update(params)
        try:
            self._check_options()
        except InvalidInput:
            vars(self).update(before)
            raise
        self._bind()
        return self

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={getattr(self, name)!r}" for name in _OPTIONS)
        return f"BKT({given})"

    # -- one learner --------------------------------------------------------------------------

    def start(self, learner_id: str) -> KnowledgeState:
        """Return what is believed of a learner without evidence: nothing but the priors."""
        return KnowledgeState(learner_id)

    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response: exact Bayes, then the opportunity to learn.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        InvalidInput
            The response is another learner's.
        """
        _check_learner(state, response.learner_id, "response")
        exercises = self._exercised(response.item_id)
        skills = _copied(state.skills)
        beliefs = [belief_about(skills, one.skill_id, one.chain) for one in exercises]
        weights = credited(exercises, beliefs, response.score)
        for exercise, belief, weight in zip(exercises, beliefs, weights, strict=True):
            after = moved(belief, exercise, weight, forgets=self._forgets)
            known = skills.get(exercise.skill_id)
            skills[exercise.skill_id] = remembered(known, exercise, after, response)
        return KnowledgeState(state.learner_id, skills, _copied(state.completed))

    def complete(self, state: KnowledgeState, completion: Completion) -> KnowledgeState:
        """Return the state after a module of the curriculum was completed.

        Raises
        ------
        UnknownId
            The module is not in the curriculum.
        InvalidInput
            The completion is another learner's.
        """
        _check_learner(state, completion.learner_id, "completion")
        modules = self.curriculum.modules if self.curriculum else {}
        if completion.module_id not in modules:
            raise UnknownId("module", completion.module_id, modules)
        after = self.project(state, modules[completion.module_id])
        completed = {**_copied(state.completed), completion.module_id: completion.completed_at}
        return KnowledgeState(state.learner_id, _copied(after.skills), completed)

    def project(
        self,
        state: KnowledgeState,
        module: Module,
        *,
        at: datetime | None = None,  # noqa: ARG002  # beliefs do not age between opportunities yet
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed now.

        P(z ≥ ℓ) += P(z is just below ℓ)·P(T) for each effect, lowest level first; with one level
        this is p + (1 − p)·P(T). The module is not marked as completed.
        """
        skills = _copied(state.skills)
        for effect in sorted(module.teaches, key=lambda one: one.level):
            chain = self._chain(effect.skill_id)
            belief = belief_about(skills, effect.skill_id, chain)
            after = practised(belief, chain.rank(effect.level), effect.learn)
            known = skills.get(effect.skill_id) or SkillKnowledge(chain.levels, belief)
            skills[effect.skill_id] = SkillKnowledge(
                chain.levels,
                after,
                known.opportunities,
                known.successes,
                known.last_answered_at,
                known.last_failed_at,
            )
        return KnowledgeState(state.learner_id, skills, _copied(state.completed))

    def attainment(
        self,
        state: KnowledgeState,
        targets: Targets,
        *,
        at: datetime | None = None,  # noqa: ARG002  # beliefs do not age between opportunities yet
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,).

        Skills without evidence have their prior. A level that no item or module mentions counts
        as the next one above it; one above all of them takes one more step of the prior.
        """
        found = []
        for target in targets_of(targets):
            chain = self._chain(target.skill_id)
            belief = belief_about(state.skills, target.skill_id, chain)
            found.append(chain.p_attained(belief, target.level))
        return np.array(found, dtype=np.float64)

    def predict_item(
        self,
        state: KnowledgeState,
        item_id: str,
        *,
        at: datetime | None = None,  # noqa: ARG002  # beliefs do not age between opportunities yet
    ) -> float:
        """Return P(right) of the learner's next answer to an item.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        """
        exercises = self._exercised(item_id)
        beliefs = [belief_about(state.skills, one.skill_id, one.chain) for one in exercises]
        return p_all_work(inputs(exercises, beliefs))

    # -- what the filter walks over -----------------------------------------------------------

    def _chain(self, skill_id: str) -> LevelChain:
        chain = self._chains.get(skill_id)
        if chain is None:
            fitted = (self._parameters or {}).get(skill_id, {})
            levels = self.curriculum.levels_of(skill_id) if self.curriculum else ()
            chain = self._chains[skill_id] = LevelChain.of(levels, fitted, self._pooled)
        return chain

    def _exercised(self, item_id: str) -> tuple[Exercise, ...]:
        exercises = self._exercises.get(item_id)
        if exercises is None:
            exercises = tuple(
                Exercise(one.skill_id, chain, chain.rank(one.level), one.level)
                for one in self._skills_of(item_id)
                for chain in (self._chain(one.skill_id),)
            )
            self._exercises[item_id] = exercises
        return exercises

    def _skills_of(self, item_id: str) -> Sequence[SkillLevel]:
        items = self.curriculum.items if self.curriculum else {}
        if item_id in items:
            return items[item_id].exercised
        if item_id in self._fitted_items:
            return self._fitted_items[item_id]
        raise UnknownId("item", item_id, [*items, *self._fitted_items])

    def with_curriculum(self, curriculum: Curriculum | None) -> Self:
        """Return a tracer with the same parameters over another curriculum."""
        bound = copy.copy(self)
        bound.curriculum = curriculum
        bound._bind()
        return bound

    # -- as text ------------------------------------------------------------------------------

    def to_json(self) -> str:
        """Return the model as versioned JSON; the curriculum is not part of it."""
        return model_text("bkt", {"options": {name: getattr(self, name) for name in _OPTIONS}})

    @classmethod
    def from_json(cls, text: str, *, curriculum: Curriculum | None = None) -> Self:
        """Read what :meth:`to_json` wrote, exactly.

        Raises
        ------
        ModelFormatError
            Saying what was found, what was expected, and what to do.
        """
        _, content = read_model(text, expected="bkt")
        with reading("bkt"):
            return cls(curriculum=curriculum, **content["options"])


def _copied(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dict of a mapping; a proxy's own copy is twenty times as fast as dict()."""
    return mapping.copy() if isinstance(mapping, MappingProxyType) else dict(mapping)


def _check_learner(state: KnowledgeState, learner_id: str, what: str) -> None:
    if learner_id != state.learner_id:
        problem = f"is {learner_id!r}, but the state is {state.learner_id!r}'s"
        raise InvalidInput(what, [Fault("learner_id", problem, "take that learner's state")])


def _choice_faults(name: str, given: object, choices: Sequence[object]) -> list[Fault]:
    if given in choices:
        return []
    return [Fault(name, f"is {given!r}, expected {' or '.join(map(repr, choices))}")]


def _whole_number_faults(name: str, given: object, least: int) -> list[Fault]:
    if isinstance(given, int) and not isinstance(given, bool) and given >= least:
        return []
    return [Fault(name, f"is {given!r}, expected a whole number from {least}")]
