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
from .binding import Belief, Binding, Known, seconds_of
from .chains import events_of
from .fitted import StepFit, StepFitted
from .fitting import fit_log
from .grid import moved
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
    (Estes 1950). P(right) rises with the steps, along one curve that is learned from the log and
    lies lower for items that are more difficult than others (Rasch 1960). Days take climbed steps
    away, one at a time. An answer shows first, and then teaches as little or as much as the log has
    it, skill by skill.

    Lessons teach less where something is missing that the curriculum requires; how much less is
    learned from completions, and so is what each module teaches those who are ready for it. That
    is drawn to what modules of its format teach and to what it declares, as far as these agree with
    completions over all modules. A projection is what is to be expected for those who are ready; a
    completion takes the chance that they were not into account.

    Where somebody begins in a skill depends on whether they had what it requires before they were
    taught any of that, as far as answers have told; and until they are taught, answers on a skill
    tell of what it requires. And people learn at different speeds: where there are completions,
    each learner is a mixture of three, which answers after lessons on any skill tell apart.

    Parameters
    ----------
    curriculum : Curriculum, optional
        Says which skills an item exercises, what a module teaches, and what requires what.
    steps : int, default 2
        To each level; with two there is partial knowledge between none and all.
    p_correct_at_mastery : float, default 0.65
        A level is attained with the first step from which its items are answered rightly as often.
    passes : int, default 10
        Of expectation-maximisation. Each third also searches for rates that it finds too slowly:
        with fewer than four, what fades and what answers teach beside lessons stay as is usual.
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
        seed: int = 0,
    ) -> None:
        super().__init__(
            curriculum=curriculum,
            steps=steps,
            p_correct_at_mastery=p_correct_at_mastery,
            passes=passes,
            seed=seed,
        )

    def _bind(self) -> None:
        self._bound = Binding(self._fitted or _UNFITTED, self.curriculum, self._options)

    # -- many learners ------------------------------------------------------------------------

    def fit(self, log: Any, *, completions: Iterable[Completion] | None = None) -> Self:
        """Learn what answers show, where people begin, and from completions what modules teach.

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
        speeds, learner = bound.usual_speeds, -1
        for one in events_of(responses, completions, self.curriculum):
            if one.learner != learner:
                beliefs, speeds, learner = {}, bound.usual_speeds, one.learner
            known = Known(beliefs, speeds, {})
            if one.module is None:
                p[one.row] = bound.p_right(known, one.item_id, one.skills, one.seconds)
                told = bound.answered(known, one.item_id, one.skills, one.score, one.seconds)
                beliefs |= told.skills
                speeds = told.speeds
                continue
            for effect in sorted(one.module.teaches, key=lambda e: e.level):
                share = bound.learn_of(one.module.module_id, effect)
                share *= bound.readiness(known, effect, one.seconds)
                beliefs[effect.skill_id] = bound.taught(known, effect, share, one.seconds)
        return p

    @property
    def effects_(self) -> Effects:
        """What modules teach those who are ready, as completions have told: shares of the steps."""
        return self._when_fitted.effects

    @property
    def parameters_(self) -> Mapping[str, Any]:
        """What was learned, by name, with "expected" for what modules teach in general."""
        found = self._when_fitted
        names = ("curve", "difficulties", "priors", "practice", "rare", "unmet", "speeds", "fade")
        told = {name: getattr(found, name) for name in names}
        return {**told, "expected": found.expected.to_plain()}

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
            "item difficulty": list(found.difficulties.values()),
            **({"module effect": taught} if taught else {}),
            "practice": list(found.practice.values()),
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
        known = bound.answered(
            self._known(state), response.item_id, skills, response.score, seconds_of(at)
        )
        noted = {}
        for one in skills:
            told = self._told(state.skills.get(one.skill_id), one.skill_id, known, at)
            noted[one.skill_id] = _answered(told, one.level, response)
        for skill_id in known.skills.keys() - noted.keys():  # what these require
            noted[skill_id] = self._told(state.skills.get(skill_id), skill_id, known, at)
        return _moved(state, noted, known)

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
            kept, share = self._known(state), bound.learn_of(module.module_id, effect)
            if not foreseen:
                share *= bound.readiness(kept, effect, seconds)
            then = {effect.skill_id: bound.taught(kept, effect, share, seconds)}
            known, told = Known(then, kept.speeds, {}), state.skills.get(effect.skill_id)
            noted = {effect.skill_id: self._told(told, effect.skill_id, known, at)}
            state = _moved(state, noted, known)
        return state

    def attainment(
        self, state: KnowledgeState, targets: Targets, *, at: datetime | None = None
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,)."""
        bound, known, seconds = self._bound, self._known(state), seconds_of(at)
        found = []
        for one in (SkillLevel(target.skill_id, target.level) for target in targets_of(targets)):
            b = bound.belief(known, one.skill_id, seconds)
            found.append(bound.attained(known, b, bound.rank(one)))
        return np.array(found, np.float64)

    def attainment_after(
        self,
        state: KnowledgeState,
        asked: Sequence[tuple[SkillLevel, Sequence[Module]]],
        *,
        at: datetime | None = None,
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) once modules are completed, shape (n_asked,)."""
        bound, known, seconds = self._bound, self._known(state), seconds_of(at)
        now: dict[str, Belief] = {}
        found = []
        for wanted, modules in asked:
            skill_id = wanted.skill_id
            if skill_id not in now:
                now[skill_id] = bound.belief(known, skill_id, seconds)
            b = now[skill_id]
            for module in modules:
                for effect in sorted(module.teaches, key=lambda one: one.level):
                    if effect.skill_id == skill_id:
                        b = b._replace(p=moved(b.p, bound.lesson(module.module_id, effect)))
            found.append(bound.attained(known, b, bound.rank(wanted)))
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
        bound, skills = self._bound, self._bound.skills_of(item_id)
        return bound.p_right(self._known(state), item_id, skills, seconds_of(at))

    def _known(self, state: KnowledgeState) -> Known:
        speeds = np.array(state.latent.get(_SPEEDS, self._bound.usual_speeds), np.float64)
        return Known(_Kept(state), speeds, {})

    def _told(
        self,
        known: SkillKnowledge | None,
        skill_id: str,
        believed: Known,
        at: datetime | None,
    ) -> SkillKnowledge:
        """Return what readers are told of a skill."""
        bound, b = self._bound, believed.skills[skill_id]
        levels = bound.levels_of(skill_id)
        told = tuple([bound.attained(believed, b, rank) for rank in range(len(levels))])
        known = known or SkillKnowledge(levels, told)
        believed_at = later(known.believed_at, at) if bound.fitted.fade else None
        return known._replace(levels=levels, p_at_least=told, believed_at=believed_at)


class _Kept(Mapping[str, Belief]):
    """The beliefs that a state keeps."""

    def __init__(self, state: KnowledgeState) -> None:
        self._latent = state.latent

    def __getitem__(self, skill_id: str) -> Belief:
        n_levels, n_speeds, lessons, seconds, *rest = map(float, self._latent[_name(skill_id)])
        n = int(n_levels)
        p = np.array(rest[2 * n :], np.float64).reshape(int(n_speeds), -1)
        return Belief(p, tuple(rest[:n]), tuple(rest[n : 2 * n]), int(lessons), seconds)

    def __iter__(self) -> Any:
        return (name.removeprefix(_PREFIX) for name in self._latent if name.startswith(_PREFIX))

    def __len__(self) -> int:
        return sum(1 for _ in self)


_PREFIX, _SPEEDS = "steps ", "speeds"


def _name(skill_id: str) -> str:
    return f"{_PREFIX}{skill_id}"


def _moved(state: KnowledgeState, noted: dict[str, SkillKnowledge], known: Known) -> KnowledgeState:
    latent: dict[str, tuple[float | str, ...]] = {}
    for skill_id, one in known.skills.items():
        told = (len(one.begun), len(one.p), one.lessons, one.seconds, *one.begun, *one.met)
        latent[_name(skill_id)] = (*told, *one.p.ravel().tolist())
    latent[_SPEEDS] = tuple(known.speeds.tolist())
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
