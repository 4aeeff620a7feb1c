"""DynamicIRT: abilities that move, filtered online, and a reading that learned to trust them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ...domain.curriculum import Curriculum, Module
from ...domain.evidence import Completion, Response
from ...domain.history import History
from ...domain.knowledge import KnowledgeState
from ...domain.overlay import Overlay
from ...domain.responses import ResponseLog
from ...domain.states import KnowledgeStates
from ..belief import check_learner
from ..estimator import Estimator
from ..tracer import Targets, targets_of
from .abilities import Sitting, p_above
from .binding import Binding, seconds_of
from .bulk import states_after
from .calibration import fastest
from .drawing import drawn, interval_columns
from .filtering import T_TOTAL, normal_cdf
from .fitted import DynamicFit, Fitted
from .fitting import fit_further, fit_log, predictions
from .lessons import Lessons
from .one_skill import answered_one
from .options import DynamicOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.framework import SkillLevel
    from ..calibration import ItemCalibration
    from ..lessons import Effects

__all__ = ["DynamicIRT"]

_UNFITTED = Fitted()


class DynamicIRT(Estimator[DynamicOptions, Fitted]):
    """A Gaussian state-space item-response model, filtered online by moment matching.

    The predictor of an answer sums a lasting ability and a form of the day per learner, a lasting
    and a recent ability per skill (averaged over an item's skills), the easiness of item and
    skills, and what practice adds; each has a mean and a variance, and an answer moves each by
    its share of the surprise; abilities in a skill fade by response and, where a log with instants
    has told how fast, by day: see :mod:`.filtering`. A probit regression over these terms and
    plain counts of the learner's history, with weights that differ by exercise and item as far as
    the log says so, then reads the prediction from them: see :mod:`.reading`. Attainment is read
    from the filter alone: a level is attained by who would answer a typical item of it with at
    least `p_correct_at_mastery`. How well easiness is known is told of all of it together: see
    :mod:`.certainty`.

    The tracer is of use before it was fitted; unseen items, skills and combinations have the
    prior of the level above. Items answered before any sequence existed can be its start
    (``calibration``), and it can go on from one log to the next (:meth:`partial_fit`).

    Parameters
    ----------
    curriculum : Curriculum, optional
        Says which skills an item exercises and what a module teaches.
    p_correct_at_mastery : float, default 0.75
        What a cut point means.
    search_rounds, search_responses : int, default 12 and 60,000
        For how many rounds at most, and on how many responses of whole learners, the settings are
        searched for. Without numba at most 1,000 responses are used. No round: the defaults hold.
    passes : int, default 10
        Passes over the log in which easiness is learned.
    folds : int, default 5
        Folds of learners for the quantities that the reading is learned on.
    weight_spread, exercise_spread, item_spread, transfer_spread : float
        Prior standard deviations of the reading's weights; see :class:`.reading.Spreads`.
    seed : int, default 0
        Of folds and samples.

    Examples
    --------
    >>> from ...domain.framework import SkillLevel
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> tracer = DynamicIRT(curriculum=curriculum)
    >>> state = tracer.start("ada")
    >>> state = tracer.update(state, Response("ada", "q1", score=1.0))
    >>> tracer.attainment(state, [SkillLevel("sql")]).round(2)
    array([0.61])
    """

    _model = "dynamic-irt"
    _options_kind = DynamicOptions
    _fitted_kind = Fitted

    def __init__(
        self,
        *,
        curriculum: Curriculum | None = None,
        p_correct_at_mastery: float = 0.75,
        search_rounds: int = 12,
        search_responses: int = 60_000,
        passes: int = 10,
        folds: int = 5,
        weight_spread: float = 0.3,
        exercise_spread: float = 0.05,
        item_spread: float = 0.06,
        transfer_spread: float = 0.2,
        seed: int = 0,
    ) -> None:
        super().__init__(
            curriculum=curriculum,
            p_correct_at_mastery=p_correct_at_mastery,
            search_rounds=search_rounds,
            search_responses=search_responses,
            passes=passes,
            folds=folds,
            weight_spread=weight_spread,
            exercise_spread=exercise_spread,
            item_spread=item_spread,
            transfer_spread=transfer_spread,
            seed=seed,
        )

    def _bind(self) -> None:
        p = self._options.p_correct_at_mastery
        self._bound = Binding(self._fitted or _UNFITTED, self.curriculum, p)

    # -- many learners ------------------------------------------------------------------------

    def fit(
        self,
        log: Any,
        *,
        completions: Iterable[Completion] | None = None,
        calibration: ItemCalibration | None = None,
    ) -> Self:
        """Learn settings, easiness and reading from a log.

        Parameters
        ----------
        log : ResponseLog or data frame, or several of them
            A frame is read as :meth:`ResponseLog.from_frame` reads it. A list, a tuple or an
            iterator has the parts of one log, which are joined.
        completions : iterable of Completion, optional
            Modules of the curriculum completed between the responses: what each of them teaches
            is then learned too, drawn to what it declares: see :mod:`.lessons`.
        calibration : ItemCalibration, optional
            Of items that were answered before any sequence existed, as :func:`calibrate_items`
            gives it: the log goes on from there, and items that it lacks are known all the same.

        Raises
        ------
        InvalidInput
            The log is empty, the frame is at fault, or completions have no instants, modules or
            dated responses to go with.
        """
        self._fitted = fit_log(
            self._log_to_learn_from(log),
            self._options,
            fastest(),
            curriculum=self.curriculum,
            completions=completions,
            calibration=calibration,
        )
        self._bind()
        return self

    def partial_fit(self, log: Any) -> Self:
        """Go on learning easiness from the responses of further learners.

        What is known of items and skills is the prior of the log, and new ones enter; settings,
        levels and reading stay as they are. Every learner of the log counts as new, with the
        whole history in it. Without an earlier fit this is :meth:`fit`.
        """
        if self._fitted is None:
            return self.fit(log)
        further = self._log_to_learn_from(log)
        self._fitted = fit_further(further, self._fitted, self._options, fastest())
        self._bind()
        return self

    def simulate(
        self, schedule: Mapping[str, Sequence[str]], *, rng: np.random.Generator
    ) -> ResponseLog:
        """Return answers drawn from the model, each from what it predicts after those before.

        Parameters
        ----------
        schedule : mapping of str to sequence of str
            The items that each learner answers, in order.
        rng : numpy.random.Generator

        Raises
        ------
        UnknownId
            An item is neither in the curriculum nor in the log that was fitted.
        """
        columns: dict[str, list[Any]] = {one: [] for one in ("learner", "item", "score")}
        for learner_id, item_ids in schedule.items():
            state = self.start(learner_id)
            for item_id in item_ids:
                right = float(rng.random() < self.predict_item(state, item_id))
                state = self.update(state, Response(learner_id, item_id, right))
                for name, value in zip(columns, (learner_id, item_id, right), strict=True):
                    columns[name].append(value)
        questions = [self._bound.question(one) for one in columns["item"]]
        return ResponseLog.from_columns(
            learner=columns["learner"],
            item=columns["item"],
            score=columns["score"],
            skills=[one.exercise for one in questions],
            level=[max(one.levels) for one in questions],
        )

    def predict_correct(
        self, log: Any, *, completions: Iterable[Completion] | None = None
    ) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,).

        All earlier responses of the same learner in the log are known, and modules completed
        earlier where `completions` are given. The predictions line up with the rows of the log,
        which says which skills an item exercises.
        """
        responses = self._as_log(log)
        lessons = None
        if completions is not None and len(responses):
            lessons = Lessons.of(completions, responses, self.curriculum)
        return predictions(responses, self._bound, fastest(), lessons=lessons)

    def _states_after(self, history: History) -> KnowledgeStates:
        return states_after(history, self._bound, self.curriculum)

    @property
    def effects_(self) -> Effects:
        """What modules teach, as completions have told: module, then skill and level.

        ``tracer.effects_["joins-101"][SkillLevel("sql", 1)]`` is P(a completion lifts onto level
        1 of "sql"). Empty after a fit without completions.
        """
        return self._when_fitted.effects

    @property
    def parameters_(self) -> Mapping[str, Any]:
        """What was learned: "settings" and "levels" by name, "items" and "skills" by id.

        Items have (mean, variance) of their easiness, in probit units; skills that and (mean,
        variance) of their practice slope. The variances are those of :meth:`parameters_frame`.
        """
        found = self._when_fitted
        return {
            "settings": found.settings._asdict(),
            "levels": found.levels,
            "items": found.known_items(),
            "skills": found.known_skills(),
        }

    @property
    def report_(self) -> DynamicFit:
        """How the fit went, and what to be wary of."""
        return self._when_fitted.report

    def parameters_frame(self, interval: float | None = None) -> dict[str, list[Any]]:
        """Return every learned term as columns: kind, name, quantity, mean, variance.

        Weights are on quantities of unit spread. The columns make a data frame of any kind:
        ``pandas.DataFrame(tracer.parameters_frame())``.

        Parameters
        ----------
        interval : float, optional
            With 0.9, each term also has its standard error (``se``) and the ends of its central
            90% credible interval (``low``, ``high``). What items and skills share is part of the
            doubt about each, and so is what only the learners' abilities could settle: see
            :mod:`.certainty`.

        Raises
        ------
        InvalidInput
            The interval is not between 0 and 1.
        """
        rows = list(self._when_fitted.rows())
        columns = ("kind", "name", "quantity", "mean", "variance")
        frame = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
        return frame if interval is None else {**frame, **interval_columns(frame, interval)}

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Self, ...]:
        """Return n tracers with easiness and practice slopes drawn from the posterior of the fit.

        Items move with their skills as far as the log cannot tell them apart. Settings and the
        reading stay as they are.
        """
        return tuple(self._with(one) for one in drawn(self._when_fitted, n, rng))

    def parameter_values(self) -> Mapping[str, Sequence[float]]:
        """Return the easiness of items and skills and the practice slopes, in probit units."""
        found = self._when_fitted
        return {
            "item easiness": [one[0] for one in found.items.values()],
            "skill easiness": [one[0] for one in found.skills.values()],
            "practice slope": [one[2] for one in found.skills.values()],
            **{name: [value] for name, value in found.settings._asdict().items()},
        }

    # -- one learner --------------------------------------------------------------------------

    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        InvalidInput
            The response is another learner's.
        """
        check_learner(state, response.learner_id, "response")
        bound, item_id, at = self._bound, response.item_id, response.answered_at
        question = bound.questions.get(item_id) or bound.question(item_id)
        asked = state.latent, question, bound.fitted.settings, seconds_of(at)
        found = answered_one(*asked, response.score) if len(question.exercise) == 1 else None
        changes, abilities = found or Sitting(*asked).answer(response.score)
        noted, known = {}, state.skills
        for i, skill_id in enumerate(question.exercise):
            told = question.scales[i], abilities[i], response, question.levels[i]
            noted[skill_id] = bound.noted(known.get(skill_id), *told)
        return state.moved(
            Overlay.of(state.skills).changed(noted), Overlay.of(state.latent).changed(changes)
        )

    def project(
        self,
        state: KnowledgeState,
        module: Module,
        *,
        at: datetime | None = None,
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed, at an instant or now.

        The lasting ability in a skill is moved so that P(≥ level) grows by P(just below)·learn,
        which for the lowest level is p + (1 − p)·learn. What a fit with completions has learned of
        the module goes before what it declares. The module is not marked as completed.
        """
        latent, skills = Overlay.of(state.latent), Overlay.of(state.skills)
        bound, seconds = self._bound, seconds_of(at)
        for effect in sorted(module.teaches, key=lambda one: one.level):
            skill_id = effect.skill_id
            name, row = bound.moved(latent, module.module_id, effect, seconds)
            latent = latent.changed({name: tuple(row)})
            known = bound.told(latent, skills.get(skill_id), skill_id, at)
            skills = skills.changed({skill_id: known})
        return state.moved(skills, latent)

    def attainment(
        self,
        state: KnowledgeState,
        targets: Targets,
        *,
        at: datetime | None = None,
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,).

        It counts everything known of the learner at an instant, so it also moves with answers to
        other skills, and with the days since the last to this one where the log has told how fast
        abilities fade; ``state.skills`` has it as of each skill's own last evidence.
        """
        bound, seconds = self._bound, seconds_of(at)
        found = [
            p_above(bound.ability_at(state.latent, one.skill_id, seconds), bound.cut_of(one.level))
            for one in targets_of(targets)
        ]
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
        bound, seconds, latent = self._bound, seconds_of(at), Overlay.of(state.latent)
        found = []
        for (skill_id, level), modules in asked:
            then = latent
            for module in modules:
                for effect in sorted(module.teaches, key=lambda one: one.level):
                    if effect.skill_id == skill_id:
                        name, row = bound.moved(then, module.module_id, effect, seconds)
                        then = then.changed({name: tuple(row)})
            found.append(p_above(bound.ability_at(then, skill_id, seconds), bound.cut_of(level)))
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
        bound = self._bound
        question, settings = bound.question(item_id), bound.fitted.settings
        sitting = Sitting(state.latent, question, settings, seconds_of(at))
        eta, weights = sitting.terms[T_TOTAL], bound.fitted.reading
        if weights is not None:
            eta += sitting.read(weights)
        return normal_cdf(eta)
