"""Bayesian knowledge tracing: the tracer of classical hidden Markov chains, level by level."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..domain.curriculum import Curriculum, Module
from ..domain.evidence import Completion, Response
from ..domain.knowledge import KnowledgeState
from ..domain.responses import ResponseLog
from ..errors import Fault, InvalidInput, NotFitted, UnknownId
from .belief import (
    belief_about,
    check_learner,
    copied,
    inputs,
    moved,
    remembered,
    taught,
)
from .binding import Binding
from .compute import fastest_passes
from .conjunction import credits, p_all_work
from .convergence import FitReport
from .fitted import Fitted
from .fitting import fit_log
from .options import BKTOptions
from .parameters import SkillParameters
from .persistence import model_text, read_model, reading
from .posterior import draws, interval_columns, noise_columns, parameter_columns
from .prediction import predictions
from .tracer import Targets, targets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .lessons import Effects

__all__ = ["BKT"]

_UNFITTED = Fitted()


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
    forget : {None, "opportunity", "time"}, default None
        Whether each opportunity may also find the level forgotten, or each day that passes.
    noise : {"skill", "item", "kind"}, default "skill"
        What guess and slip belong to. Those of items, or of kinds of items, are drawn to their
        skill's as far as the log says that they are alike (:mod:`.shrinkage`).
    restarts : int, default 5
        Starting points of the fit per skill, climbed part of the way; the one with the best
        penalised objective is climbed to the end.
    max_iterations : int, default 500
        Passes over a skill's responses at most, per restart.
    tolerance : float, default 1e-3
        A skill has converged when a pass gains less than this many nats.
    seed : int, default 0
        Of the starting points; the same seed gives the same fit.

    Examples
    --------
    >>> from ..domain.framework import SkillLevel
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> tracer = BKT(curriculum=curriculum)
    >>> state = tracer.start("ada")
    >>> state = tracer.update(state, Response("ada", "q1", score=1.0))
    >>> tracer.attainment(state, [SkillLevel("sql")]).round(3)
    array([0.775])
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
        self._options = BKTOptions(
            forget=forget,
            noise=noise,
            restarts=restarts,
            max_iterations=max_iterations,
            tolerance=tolerance,
            seed=seed,
        )
        self._fitted: Fitted | None = None
        self._bind()

    def _bind(self) -> None:
        """Look everything up anew under the curriculum and the parameters as they are now."""
        self._bound = Binding(self.curriculum, self._fitted or _UNFITTED, self._options)

    # -- hyper-parameters, the way scikit-learn reads and sets them ---------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  # scikit-learn's
        """Return the hyper-parameters by name."""
        return {"curriculum": self.curriculum, **asdict(self._options)}

    def set_params(self, **params: Any) -> Self:
        """Set hyper-parameters by name; what was fitted stays."""
        known = self.get_params()
        for name in params:
            if name not in known:
                raise UnknownId("option of BKT", name, known)
        options = {name: value for name, value in params.items() if name != "curriculum"}
        self._options = replace(self._options, **options)
        self.curriculum = params.get("curriculum", self.curriculum)
        self._bind()
        return self

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in asdict(self._options).items())
        return f"BKT({given})"

    # -- many learners ------------------------------------------------------------------------

    def fit(self, log: Any, *, completions: Iterable[Completion] | None = None) -> Self:
        """Learn the parameters of every skill and level that a log has responses to.

        Parameters
        ----------
        log : ResponseLog or data frame
            A frame is read as :meth:`ResponseLog.from_frame` reads it.
        completions : iterable of Completion, optional
            Modules of the curriculum completed between the responses: what each of them teaches
            is then learned too, apart from what answering teaches.

        Raises
        ------
        InvalidInput
            The log is empty, the frame is at fault, or an option needs what is not there: dates
            for completions and ``forget="time"``, a curriculum for ``noise="kind"``.
        """
        responses = self._as_log(log)
        if not len(responses):
            problem = "there are none, expected at least one response"
            raise InvalidInput("response log", [Fault("rows", problem)])
        self._fitted = fit_log(
            responses,
            self._options,
            fastest_passes(),
            curriculum=self.curriculum,
            completions=completions,
        )
        self._bind()
        return self

    def predict_correct(
        self, log: Any, *, completions: Iterable[Completion] | None = None
    ) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,).

        All earlier responses of the same learner in the log are known, and modules completed
        earlier where `completions` are given. The predictions line up with the rows of the log.
        The log says which skills an item exercises; skills and levels never fitted have pooled
        parameters, items never fitted those of their skill.
        """
        responses = self._as_log(log)
        return predictions(responses, self._bound, fastest_passes(), completions=completions)

    def _as_log(self, log: Any) -> ResponseLog:
        if isinstance(log, ResponseLog):
            return log
        return ResponseLog.from_frame(log, curriculum=self.curriculum)

    @property
    def parameters_(self) -> Mapping[str, SkillParameters]:
        """The fitted parameters: skill, then level, then name.

        ``tracer.parameters_["sql"][1].guess`` is P(G) of level 1 of the skill "sql".
        """
        return self._when_fitted.parameters

    @property
    def effects_(self) -> Effects:
        """What modules teach, as completions have told: module, then skill and level.

        ``tracer.effects_["joins-101"][SkillLevel("sql", 1)]`` is P(a completion lifts onto level
        1 of "sql"). Empty after a fit without completions.
        """
        return self._when_fitted.effects

    @property
    def half_lives_days_(self) -> Mapping[str, float]:
        """After how many days half of those on a level have lost it, by skill.

        Empty unless the model forgets by time.
        """
        return {k: math.log(2.0) / rate for k, rate in self._when_fitted.decay.items()}

    @property
    def report_(self) -> FitReport:
        """How the fit converged, skill by skill, and what to be wary of."""
        return self._when_fitted.report

    @property
    def _when_fitted(self) -> Fitted:
        if self._fitted is None:
            raise NotFitted("this BKT has not been fitted: call fit(log) first")
        return self._fitted

    def parameters_frame(self, interval: float | None = None) -> dict[str, list[Any]]:
        """Return the fitted parameters as columns, one row per skill and level.

        The columns make a data frame of any kind: ``pandas.DataFrame(tracer.parameters_frame())``.

        Parameters
        ----------
        interval : float, optional
            With 0.9, each parameter also has its standard error (``guess_se``) and the ends of
            its central 90 % credible interval (``guess_low``, ``guess_high``): see
            :mod:`.uncertainty`.
        """
        frame = parameter_columns(self._when_fitted)
        if interval is None:
            return frame
        return {**frame, **interval_columns(self._when_fitted, interval)}

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Self, ...]:
        """Return n tracers with parameters drawn from the posterior of the fit.

        How far their predictions spread is how far the parameters are known.
        """
        return tuple(self._with(fitted) for fitted in draws(self._when_fitted, n, rng))

    def _with(self, fitted: Fitted) -> Self:
        tracer = copy.copy(self)
        tracer._fitted = fitted
        tracer._bind()
        return tracer

    def noise_frame(self) -> dict[str, list[Any]]:
        """Return guess and slip of each item, or kind of item, as columns of a data frame.

        Empty columns where guess and slip belong to the skill.
        """
        return noise_columns(self._when_fitted, self._options.noise)

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
        check_learner(state, response.learner_id, "response")
        bound, item_id, at = self._bound, response.item_id, response.answered_at
        exercises = bound.exercises.get(item_id) or bound.exercised(item_id)
        skills, weights = copied(state.skills), [response.score]
        beliefs = [belief_about(skills.get(k.skill_id), k.chain, k.decay, at) for k in exercises]
        if len(exercises) > 1:
            weights = credits(response.score, inputs(exercises, beliefs))
        for one, belief, weight in zip(exercises, beliefs, weights, strict=True):
            known = skills.get(one.skill_id)
            skills[one.skill_id] = remembered(known, one, moved(belief, one, weight), response)
        return KnowledgeState(state.learner_id, MappingProxyType(skills), state.completed)

    def complete(self, state: KnowledgeState, completion: Completion) -> KnowledgeState:
        """Return the state after a module of the curriculum was completed.

        Raises
        ------
        UnknownId
            The module is not in the curriculum.
        InvalidInput
            The completion is another learner's.
        """
        check_learner(state, completion.learner_id, "completion")
        modules = self.curriculum.modules if self.curriculum else {}
        if completion.module_id not in modules:
            raise UnknownId("module", completion.module_id, modules)
        at = completion.completed_at
        after = self.project(state, modules[completion.module_id], at=at)
        completed = {**copied(state.completed), completion.module_id: completion.completed_at}
        return KnowledgeState(state.learner_id, after.skills, completed)

    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None = None
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed now.

        P(z ≥ ℓ) += P(z is just below ℓ)·P(T) for each effect, lowest level first; with one level
        this is p + (1 − p)·P(T). The module is not marked as completed. What a fit with
        completions has learned of the module goes before what the module declares.
        """
        skills = copied(state.skills)
        for effect in sorted(module.teaches, key=lambda one: one.level):
            skills[effect.skill_id] = taught(
                skills.get(effect.skill_id),
                self._bound.chain(effect.skill_id),
                level=effect.level,
                learn=self._bound.taught_by(module.module_id, effect.reached, effect.learn),
                decay=self._bound.decay_of(effect.skill_id),
                at=at,
            )
        return KnowledgeState(state.learner_id, MappingProxyType(skills), state.completed)

    def attainment(
        self, state: KnowledgeState, targets: Targets, *, at: datetime | None = None
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,).

        Skills without evidence have their prior. A level that no item or module mentions counts
        as the next one above it; one above all of them takes one more step of the prior.
        """
        found = []
        for target in targets_of(targets):
            chain, rank, share = self._bound.aim(target.skill_id, target.level)
            decay = self._bound.decay_of(target.skill_id)
            belief = belief_about(state.skills.get(target.skill_id), chain, decay, at)
            found.append(belief[rank] * share)
        return np.array(found, dtype=np.float64)

    def predict_item(
        self, state: KnowledgeState, item_id: str, *, at: datetime | None = None
    ) -> float:
        """Return P(right) of the learner's next answer to an item.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        """
        exercises = self._bound.exercised(item_id)
        beliefs = [
            belief_about(state.skills.get(one.skill_id), one.chain, one.decay, at)
            for one in exercises
        ]
        return p_all_work(inputs(exercises, beliefs))

    def with_curriculum(self, curriculum: Curriculum | None) -> Self:
        """Return a tracer with the same parameters over another curriculum."""
        bound = copy.copy(self)
        bound.curriculum = curriculum
        bound._bind()
        return bound

    # -- as text ------------------------------------------------------------------------------

    def to_json(self) -> str:
        """Return the model as versioned JSON; the curriculum is not part of it."""
        fitted = None if self._fitted is None else self._fitted.to_plain()
        return model_text("bkt", {"options": asdict(self._options), "fitted": fitted})

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
            tracer = cls(curriculum=curriculum, **content["options"])
            plain = content["fitted"]
            return tracer if plain is None else tracer._with(Fitted.from_plain(plain))
