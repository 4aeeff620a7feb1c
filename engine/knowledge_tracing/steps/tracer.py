"""StepTracing: mastery as steps climbed, one lesson at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ...domain.curriculum import Curriculum, Module
from ...domain.evidence import Completion, Response
from ...domain.framework import SkillLevel
from ...domain.knowledge import KnowledgeState, SkillKnowledge
from ...domain.overlay import Overlay
from ..belief import check_learner, later
from ..estimator import Estimator
from ..tracer import Targets, targets_of
from .binding import Belief, Binding, seconds_of
from .chains import events_of
from .fitted import StepFit, StepFitted
from .fitting import fit_log
from .options import StepOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..lessons import Effects

__all__ = ["StepTracing"]

_UNFITTED = StepFitted()


class StepTracing(Estimator[StepOptions, StepFitted]):
    """Knowledge tracing in small steps: between the two states of BKT and a continuous ability.

    To each level of a skill lead a few steps. A lesson brings each of those that are missing with
    the same probability, so it may bring all, some or none: with one step this is the classical
    all-or-none model, with two that of Theios (1963), with many a share of what is missing
    (Estes 1950). P(right) rises with the steps, along one curve that is learned from the log. Days
    take climbed steps away, one at a time. An answer shows and does not teach: where it should,
    use :class:`BKT`.

    Lessons teach less where something is missing that the curriculum requires; how much less is
    learned from completions, and so is what each module teaches those who are ready for it. That
    is drawn to what it declares, times what modules of this log teach of that in general. A
    projection is what is to be expected for those who are ready; a completion takes the chance
    that they were not into account.

    Parameters
    ----------
    curriculum : Curriculum, optional
        Says which skills an item exercises, what a module teaches, and what requires what.
    steps : int, default 2
        To each level; with two there is partial knowledge between none and all.
    p_correct_at_mastery : float, default 0.65
        A level is attained with the first step from which its items are answered rightly as often.
    passes : int, default 10
        Of expectation-maximisation.
    effect_weight : float, default 4
        How many missing steps' worth of completions what a module declares counts for.
    seed : int, default 0
        Unused: nothing here is drawn.

    Examples
    --------
    >>> from ...domain.framework import SkillLevel
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> tracer = StepTracing(curriculum=curriculum)
    >>> state = tracer.update(tracer.start("ada"), Response("ada", "q1", score=1.0))
    >>> tracer.attainment(state, [SkillLevel("sql")]).round(2)
    array([0.55])
    """

    _model = "steps"
    _options_kind = StepOptions
    _fitted_kind = StepFitted

    def __init__(
        self,
        *,
        curriculum: Curriculum | None = None,
        steps: int = 2,
        p_correct_at_mastery: float = 0.65,
        passes: int = 10,
        effect_weight: float = 4.0,
        seed: int = 0,
    ) -> None:
        super().__init__(
            curriculum=curriculum,
            steps=steps,
            p_correct_at_mastery=p_correct_at_mastery,
            passes=passes,
            effect_weight=effect_weight,
            seed=seed,
        )

    def _bind(self) -> None:
        self._bound = Binding(self._fitted or _UNFITTED, self.curriculum, self._options)

    # -- many learners ------------------------------------------------------------------------

    def fit(self, log: Any, *, completions: Iterable[Completion] | None = None) -> Self:
        """Learn the curve, the priors and, where there are completions, what modules teach.

        Parameters
        ----------
        log : ResponseLog or data frame, or several of them
            A frame is read as :meth:`ResponseLog.from_frame` reads it.
        completions : iterable of Completion, optional
            Modules of the curriculum completed between the responses.

        Raises
        ------
        InvalidInput
            The log is empty, the frame is at fault, or completions have no instants, modules or
            dated responses to go with.
        """
        self._fitted = fit_log(
            self._log_to_learn_from(log),
            self._options,
            curriculum=self.curriculum,
            completions=completions,
        )
        self._bind()
        return self

    def predict_correct(
        self, log: Any, *, completions: Iterable[Completion] | None = None
    ) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""
        responses = self._as_log(log)
        p, bound = np.empty(len(responses)), self._bound
        beliefs: dict[str, Belief] = {}
        learner = -1
        for one in events_of(responses, completions, self.curriculum):
            if one.learner != learner:
                beliefs, learner = {}, one.learner
            if one.module is None:
                p[one.row] = bound.p_right(beliefs, one.skills, one.seconds)
                beliefs |= bound.answered(beliefs, one.skills, one.score, one.seconds)
                continue
            for effect in sorted(one.module.teaches, key=lambda e: e.level):
                share = bound.learn_of(one.module.module_id, effect)
                share *= bound.readiness(beliefs, effect, one.seconds)
                beliefs[effect.skill_id] = bound.taught(beliefs, effect, share, one.seconds)
        return p

    @property
    def effects_(self) -> Effects:
        """What modules teach those who are ready, as completions have told: shares of the steps."""
        return self._when_fitted.effects

    @property
    def parameters_(self) -> Mapping[str, Any]:
        """What was learned, by name: "curve", "priors" by skill, "pace", "unmet" and "fade"."""
        found = self._when_fitted
        names = ("curve", "priors", "pace", "unmet", "fade")
        return {name: getattr(found, name) for name in names}

    @property
    def report_(self) -> StepFit:
        """How the fit went, and what to be wary of."""
        return self._when_fitted.report

    def parameter_values(self) -> Mapping[str, Sequence[float]]:
        """Return all values of each kind of parameter, by name."""
        found = self._when_fitted
        taught = [learn for effects in found.effects.values() for learn in effects.values()]
        return {
            "p_correct by step": list(found.curve),
            **({"module effect": taught} if taught else {}),
            "unmet": [found.unmet],
            "fade": [found.fade],
        }

    # -- one learner --------------------------------------------------------------------------

    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        """
        check_learner(state, response.learner_id, "response")
        bound, at = self._bound, response.answered_at
        skills = bound.skills_of(response.item_id)
        changed = bound.answered(_Kept(state), skills, response.score, seconds_of(at))
        noted = {}
        for one in skills:
            told = self._told(state.skills.get(one.skill_id), one.skill_id, changed, at)
            noted[one.skill_id] = _answered(told, one.level, response)
        return _moved(state, noted, changed)

    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None = None
    ) -> KnowledgeState:
        """Return the state to be expected if somebody ready for a module completed it."""
        return self._after(state, module, at, foreseen=True)

    def _learned(
        self, state: KnowledgeState, module: Module, at: datetime | None
    ) -> KnowledgeState:
        return self._after(state, module, at, foreseen=False)

    def _after(
        self, state: KnowledgeState, module: Module, at: datetime | None, *, foreseen: bool
    ) -> KnowledgeState:
        bound, seconds = self._bound, seconds_of(at)
        for effect in sorted(module.teaches, key=lambda one: one.level):
            kept, share = _Kept(state), bound.learn_of(module.module_id, effect)
            if not foreseen:
                share *= bound.readiness(kept, effect, seconds)
            changed = {effect.skill_id: bound.taught(kept, effect, share, seconds)}
            known = state.skills.get(effect.skill_id)
            noted = {effect.skill_id: self._told(known, effect.skill_id, changed, at)}
            state = _moved(state, noted, changed)
        return state

    def attainment(
        self, state: KnowledgeState, targets: Targets, *, at: datetime | None = None
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,)."""
        bound, kept, seconds = self._bound, _Kept(state), seconds_of(at)
        found = []
        for one in (SkillLevel(target.skill_id, target.level) for target in targets_of(targets)):
            p = bound.belief(kept, one.skill_id, seconds).p
            found.append(bound.attained(p, bound.rank(one)))
        return np.array(found, np.float64)

    def attainment_after(
        self,
        state: KnowledgeState,
        asked: Sequence[tuple[SkillLevel, Sequence[Module]]],
        *,
        at: datetime | None = None,
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) once modules are completed, shape (n_asked,)."""
        bound, kept, seconds = self._bound, _Kept(state), seconds_of(at)
        now: dict[str, NDArray[np.float64]] = {}
        found = []
        for wanted, modules in asked:
            skill_id = wanted.skill_id
            if skill_id not in now:
                now[skill_id] = bound.belief(kept, skill_id, seconds).p
            p = now[skill_id]
            for module in modules:
                for effect in sorted(module.teaches, key=lambda one: one.level):
                    if effect.skill_id == skill_id:
                        p = p @ bound.lesson(module.module_id, effect)
            found.append(bound.attained(p, bound.rank(wanted)))
        return np.array(found, np.float64)

    def predict_item(
        self, state: KnowledgeState, item_id: str, *, at: datetime | None = None
    ) -> float:
        """Return P(right) of the learner's next answer to an item.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        """
        return self._bound.p_right(_Kept(state), self._bound.skills_of(item_id), seconds_of(at))

    def _told(
        self,
        known: SkillKnowledge | None,
        skill_id: str,
        beliefs: Mapping[str, Belief],
        at: datetime | None,
    ) -> SkillKnowledge:
        """Return what readers are told of a skill."""
        bound, p = self._bound, beliefs[skill_id].p
        levels = bound.levels_of(skill_id)
        told = tuple([bound.attained(p, rank) for rank in range(len(levels))])
        known = known or SkillKnowledge(levels, told)
        believed_at = later(known.believed_at, at) if bound.fitted.fade else None
        return known._replace(levels=levels, p_at_least=told, believed_at=believed_at)


class _Kept(Mapping[str, Belief]):
    """The beliefs that a state keeps."""

    def __init__(self, state: KnowledgeState) -> None:
        self._latent = state.latent

    def __getitem__(self, skill_id: str) -> Belief:
        *p, seconds = self._latent[_name(skill_id)]
        return Belief(np.array(p, np.float64), float(seconds))

    def __iter__(self) -> Any:
        return (name.removeprefix(_PREFIX) for name in self._latent)

    def __len__(self) -> int:
        return len(self._latent)


_PREFIX = "steps "


def _name(skill_id: str) -> str:
    return f"{_PREFIX}{skill_id}"


def _moved(
    state: KnowledgeState, noted: dict[str, SkillKnowledge], changed: Mapping[str, Belief]
) -> KnowledgeState:
    latent: dict[str, tuple[float | str, ...]] = {
        _name(skill_id): (*one.p.tolist(), one.seconds) for skill_id, one in changed.items()
    }
    return state.moved(
        Overlay.of(state.skills).changed(noted), Overlay.of(state.latent).changed(latent)
    )


def _answered(known: SkillKnowledge, level: int, response: Response) -> SkillKnowledge:
    """Return what is known of a skill with an answer noted."""
    at, right = response.answered_at, response.score >= 0.5
    successes = known.successes
    if right and successes.get(response.item_id) != level:
        successes = {**successes, response.item_id: level}
    return known._replace(
        opportunities=known.opportunities + 1,
        successes=successes,
        last_answered_at=at or known.last_answered_at,
        last_failed_at=known.last_failed_at if right else (at or known.last_failed_at),
    )
