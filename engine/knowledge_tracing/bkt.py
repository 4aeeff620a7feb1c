"""Bayesian knowledge tracing: the tracer of classical hidden Markov chains, level by level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..domain.curriculum import Curriculum, Module
from ..domain.evidence import Completion, Response
from ..domain.history import History
from ..domain.joining import logs_in
from ..domain.knowledge import KnowledgeState
from ..domain.overlay import Overlay
from ..domain.records import is_number
from ..errors import Fault, InvalidInput
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
from .bulk import states_after
from .compute import fastest_passes
from .conjunction import credits, p_all_work
from .convergence import FitReport
from .estimator import Estimator
from .fitted import Fitted
from .fitting import fit_log, fit_parts
from .individual import ByTrait
from .options import BKTOptions
from .parameters import LevelParameters, SkillParameters
from .parts import Parts
from .posterior import draws, interval_columns, noise_columns, parameter_columns
from .prediction import predictions
from .remembering import joined
from .simulation import simulated
from .tracer import Targets, targets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.framework import SkillLevel
    from ..domain.responses import ResponseLog
    from ..domain.summary import LogSummary
    from .executor import Executor
    from .lessons import Effects

__all__ = ["BKT"]

_UNFITTED = Fitted()


class BKT(Estimator[BKTOptions, Fitted]):
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
    individual : {None, "prior", "learn", "both"}, default None
        Whether learners differ, over all skills, in what they knew before, in how fast they
        learn, or in both (:mod:`.traits`). Then an answer about one skill says something about
        the others too, and an update takes as long as all the skills that the learner has met.
    restarts : int, default 5
        Starting points of the fit per skill, climbed part of the way; the one with the best
        penalised objective is climbed to the end.
    max_iterations : int, default 500
        Passes over a skill's responses at most, per restart.
    tolerance : float, default 1e-3
        A skill has converged when less than this many nats can be expected of a further pass.
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

    _model = "bkt"
    _options_kind = BKTOptions
    _fitted_kind = Fitted

    def __init__(
        self,
        *,
        curriculum: Curriculum | None = None,
        forget: str | None = None,
        noise: str = "skill",
        individual: str | None = None,
        restarts: int = 5,
        max_iterations: int = 500,
        tolerance: float = 1e-3,
        seed: int = 0,
    ) -> None:
        super().__init__(
            curriculum=curriculum,
            forget=forget,
            noise=noise,
            individual=individual,
            restarts=restarts,
            max_iterations=max_iterations,
            tolerance=tolerance,
            seed=seed,
        )

    def _bind(self) -> None:
        over = self.curriculum, self._fitted or _UNFITTED, self._options
        self._bound = Binding(*over)
        self._by_trait = ByTrait(*over) if self._options.individual else None

    # -- many learners ------------------------------------------------------------------------

    def fit(
        self,
        log: Any,
        *,
        completions: Iterable[Completion] | None = None,
        start_from: BKT | None = None,
        executor: Executor | None = None,
    ) -> Self:
        """Learn the parameters of every skill and level that a log has responses to.

        Parameters
        ----------
        log : ResponseLog or data frame, or several of them
            A frame is read as :meth:`ResponseLog.from_frame` reads it. A list, a tuple or an
            iterator has the parts of one log, or functions without arguments that read them; each
            is let go once it is laid out, which takes some bytes per response where items
            exercise one skill at one level. How it is parted changes nothing: learners whose
            responses lie in several parts are brought together first.
        completions : iterable of Completion, optional
            Modules of the curriculum completed between the responses: what each of them teaches
            is then learned too, apart from what answering teaches.
        start_from : BKT, optional
            A model fitted before, perhaps to an older or a smaller log: the fit begins at its
            parameters, and needs fewer passes to the same end. Skills new since begin as ever.
        executor : Executor, optional
            Who does the work, part by part: a ``dask.distributed.Client``, say. The parts may be
            its handles, and stay where it has them; at each pass the parameters travel to them,
            and expected counts come back.

        Raises
        ------
        InvalidInput
            The log is empty, the frame is at fault, or an option needs what is not there: dates
            for completions and ``forget="time"``, a curriculum for ``noise="kind"``. Parts differ
            in their columns. What goes beyond skills (completions, ``forget="time"``, ``noise`` of
            items or kinds, `individual`) is asked of an executor: it takes the whole log here,
            and several logs are joined for it.
        """
        start = None if start_from is None else start_from._when_fitted
        if self._options.refines or completions is not None:
            if executor is not None:
                problem = "knows only skills: neither classes of noise, days, traits nor modules"
                remedy = "fit without it, to a log or several"
                raise InvalidInput("fit", [Fault("executor", problem, remedy)])
            self._fitted = fit_log(
                self._log_to_learn_from(log),
                self._options,
                fastest_passes(),
                curriculum=self.curriculum,
                completions=completions,
                start=start,
            )
        else:
            parts = Parts(
                logs_in(log), fastest_passes(), executor=executor, curriculum=self.curriculum
            )
            self._fitted = fit_parts(parts, self._options, start=start)
        self._bind()
        return self

    def partial_fit(self, log: Any, *, memory: float = 1.0) -> Self:
        """Learn from further responses, the old ones known only by what they have taught.

        The first call fits the log. Later ones keep the skills that a log does not have, and add
        those that it brings. What is approximate about it: see :mod:`.remembering`. Learners'
        beliefs are not carried over, so a log should have whole learners, or new ones.

        Parameters
        ----------
        log : ResponseLog or data frame
        memory : float, default 1.0
            What the events behind the old parameters count for beside those of the log, from 0
            to 1; below 1 the old fade from call to call.

        Raises
        ------
        InvalidInput
            As :meth:`fit`; `memory` is out of range; or the model has more than levels to
            remember: options other than ``forget="opportunity"``, or completions.
        """
        if not (is_number(memory) and 0.0 <= memory <= 1.0):
            problem = f"is {memory!r}, expected a number from 0 to 1"
            raise InvalidInput("partial_fit", [Fault("memory", problem)])
        if self._options.refines:
            problem = "have classes, rates or traits, of which no events are kept"
            raise InvalidInput("partial_fit", [Fault("options", problem, "use fit(start_from=…)")])
        old = self._fitted
        if old is None:
            return self.fit(log)
        if not old.events:
            problem = "keeps no events: it was fitted with completions, or by an older Attain"
            raise InvalidInput("partial_fit", [Fault("model", problem, "use fit")])
        responses = self._log_to_learn_from(log)
        new = fit_log(responses, self._options, fastest_passes(), start=old, memory=memory)
        self._fitted = joined(old, new, memory)
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
        if self._by_trait is not None:
            return self._by_trait.predictions(responses, fastest_passes(), completions=completions)
        return predictions(responses, self._bound, fastest_passes(), completions=completions)

    def simulate(
        self, schedule: Mapping[str, Sequence[str]], *, rng: np.random.Generator
    ) -> ResponseLog:
        """Return answers drawn from the model, of learners who meet items in a given order.

        No time passes between them, so with ``forget="time"`` nothing is forgotten.

        Parameters
        ----------
        schedule : mapping of str to sequence of str
            The items of each learner, in order: see :func:`.simulation.random_schedule`. They are
            in the curriculum, or in the log that was fitted.
        rng : numpy.random.Generator

        Raises
        ------
        UnknownId
            An item is neither in the curriculum nor in the log that was fitted.
        """
        return self.simulate_levels(schedule, rng=rng)[0]

    def simulate_levels(
        self, schedule: Mapping[str, Sequence[str]], *, rng: np.random.Generator
    ) -> tuple[ResponseLog, dict[str, dict[str, int]]]:
        """Return answers as :meth:`simulate`, and the levels behind them.

        Returns
        -------
        log : ResponseLog
        levels : dict of str to dict of str to int
            By learner and skill exercised, the level attained in the end; 0 for none.
        """
        return simulated(self._bindings, schedule, rng)

    @property
    def _bindings(self) -> Sequence[Binding]:
        """The parameters of learners at each node of their trait; of all, where they are alike."""
        return (self._bound,) if self._by_trait is None else self._by_trait.bindings

    def _states_after(self, history: History) -> Mapping[str, KnowledgeState]:
        if self._by_trait is not None:
            return super()._states_after(history)
        return states_after(history, self._bound)

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
    def spread_(self) -> Mapping[str, float]:
        """How far learners differ, in logits per standard deviation of their trait.

        Of ``"prior"`` and ``"learn"``; 0 where `individual` does not ask for it.
        """
        return dict(zip(("prior", "learn"), self._when_fitted.spread, strict=True))

    @property
    def report_(self) -> FitReport:
        """How the fit converged, skill by skill, and what to be wary of."""
        return self._when_fitted.report

    @property
    def learned_from_(self) -> LogSummary | None:
        """How much evidence the last fit had; None where an older Attain did not write it down."""
        return self._when_fitted.summary

    def parameters_frame(self, interval: float | None = None) -> dict[str, list[Any]]:
        """Return the fitted parameters as columns, one row per skill and level.

        The columns make a data frame of any kind: ``pandas.DataFrame(tracer.parameters_frame())``.

        Parameters
        ----------
        interval : float, optional
            With 0.9, each parameter also has its standard error (``guess_se``) and the ends of
            its central 90% credible interval (``guess_low``, ``guess_high``): see
            :mod:`.uncertainty`.
        """
        frame = parameter_columns(self._when_fitted)
        if interval is None:
            return frame
        return {**frame, **interval_columns(self._when_fitted, interval)}

    def parameter_values(self) -> Mapping[str, Sequence[float]]:
        """Return all values of prior, learn, forget, guess and slip, one per skill and level."""
        frame = parameter_columns(self._when_fitted)
        found = {name: frame[name] for name in LevelParameters._fields}
        return found if self._options.forgets else {k: v for k, v in found.items() if k != "forget"}

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Self, ...]:
        """Return n tracers with parameters drawn from the posterior of the fit.

        How far their predictions spread is how far the parameters are known.
        """
        return tuple(self._with(fitted) for fitted in draws(self._when_fitted, n, rng))

    def noise_frame(self) -> dict[str, list[Any]]:
        """Return guess and slip of each item, or kind of item, as columns of a data frame.

        Empty columns where guess and slip belong to the skill.
        """
        return noise_columns(self._when_fitted, self._options.noise)

    # -- one learner --------------------------------------------------------------------------

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
        if self._by_trait is not None:
            return self._by_trait.update(state, response)
        bound, item_id, at = self._bound, response.item_id, response.answered_at
        exercises = bound.exercises.get(item_id) or bound.exercised(item_id)
        skills, changed = Overlay.of(state.skills), {}
        if len(exercises) == 1:  # most are, and what is below would take half as long again
            (one,) = exercises
            known = skills.get(one.skill_id)
            belief = moved(belief_about(known, one.chain, one.decay, at), one, response.score)
            changed[one.skill_id] = remembered(known, one, belief, response)
        else:
            beliefs = [
                belief_about(skills.get(k.skill_id), k.chain, k.decay, at) for k in exercises
            ]
            weights = credits(response.score, inputs(exercises, beliefs))
            for one, before, weight in zip(exercises, beliefs, weights, strict=True):
                known = skills.get(one.skill_id)
                changed[one.skill_id] = remembered(known, one, moved(before, one, weight), response)
        return state.moved(skills.changed(changed))

    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None = None
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed now.

        P(z ≥ ℓ) += P(z is just below ℓ)·P(T) for each effect, lowest level first; with one level
        this is p + (1 − p)·P(T). The module is not marked as completed. What a fit with
        completions has learned of the module goes before what the module declares.
        """
        if self._by_trait is not None:
            return self._by_trait.project(state, module, at=at)
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
        return replace(state, skills=MappingProxyType(skills))

    def attainment(
        self, state: KnowledgeState, targets: Targets, *, at: datetime | None = None
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,).

        Skills without evidence have their prior. A level that no item or module mentions counts
        as the next one above it; one above all of them takes one more step of the prior.
        """
        if self._by_trait is not None:
            return self._by_trait.attainment(state, targets_of(targets), at=at)
        bound, skills, fades, found = self._bound, state.skills, self._options.fades, []
        for target in targets_of(targets):
            skill_id = target.skill_id
            chain, rank, share = bound.aim(skill_id, target.level)
            decay = bound.decay_of(skill_id) if fades else 0.0
            found.append(belief_about(skills.get(skill_id), chain, decay, at)[rank] * share)
        return np.array(found, dtype=np.float64)

    def attainment_after(
        self,
        state: KnowledgeState,
        asked: Sequence[tuple[SkillLevel, Sequence[Module]]],
        *,
        at: datetime | None = None,
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) once modules are completed, shape (n_asked,).

        What :meth:`project`, module after module, and :meth:`attainment` give, for many skills and
        rows of modules at once and without the states in between.
        """
        if self._by_trait is not None:
            return self._by_trait.attainment_after(state, asked, at=at)
        bound, skills, fades, found = self._bound, state.skills, self._options.fades, []
        for (skill_id, level), modules in asked:
            chain, rank, share = bound.aim(skill_id, level)
            decay = bound.decay_of(skill_id) if fades else 0.0
            belief = belief_about(skills.get(skill_id), chain, decay, at)
            found.append(bound.after(belief, skill_id, modules)[rank] * share)
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
        if self._by_trait is not None:
            return self._by_trait.predict_item(state, item_id, at=at)
        exercises = self._bound.exercised(item_id)
        beliefs = [
            belief_about(state.skills.get(one.skill_id), one.chain, one.decay, at)
            for one in exercises
        ]
        return p_all_work(inputs(exercises, beliefs))
