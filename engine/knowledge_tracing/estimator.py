"""What every tracer does alike: hyper-parameters, a fit that it holds, and its text."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from ..domain.curriculum import Curriculum, Module
from ..domain.evidence import Completion, Response
from ..domain.history import History
from ..domain.joining import as_log
from ..domain.knowledge import KnowledgeState, Lesson
from ..domain.persistence import model_text, read_model, reading
from ..errors import Fault, InvalidInput, NotFitted, UnknownId
from .belief import check_learner, copied
from .scikit import ScikitShaped

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from ..domain.responses import ResponseLog

__all__ = ["Estimator"]


class _Plain(Protocol):
    """What a fit has learned: written as plain values, and read back."""

    def to_plain(self) -> dict[str, Any]: ...

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self: ...


Options = TypeVar("Options", bound="DataclassInstance")
Learned = TypeVar("Learned", bound=_Plain)


class Estimator(ScikitShaped, Generic[Options, Learned]):
    """A tracer over a curriculum, with options and what it has learned.

    A kind of tracer names its options and what it learns, writes its constructor out, and derives
    in `_bind` what comes of curriculum, options and fit.
    """

    _model: str
    _options_kind: type[Options]
    _fitted_kind: type[Learned]

    def __init__(self, *, curriculum: Curriculum | None = None, **options: Any) -> None:
        self.curriculum = curriculum
        self._options: Options = self._options_kind(**options)
        self._fitted: Learned | None = None
        self._bind()

    @abstractmethod
    def _bind(self) -> None:
        """Look everything up anew under the curriculum, the options and the fit as they are."""

    # -- hyper-parameters, the way scikit-learn reads and sets them ---------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  # scikit-learn's
        """Return the hyper-parameters by name."""
        return {"curriculum": self.curriculum, **asdict(self._options)}

    def set_params(self, **params: Any) -> Self:
        """Set hyper-parameters by name; what was fitted stays.

        Raises
        ------
        UnknownId
            There is no option of that name.
        InvalidInput
            A value is out of range.
        """
        known = self.get_params()
        for name in params:
            if name not in known:
                raise UnknownId(f"option of {type(self).__name__}", name, known)
        options = {name: value for name, value in params.items() if name != "curriculum"}
        self._options = replace(self._options, **options)
        self.curriculum = params.get("curriculum", self.curriculum)
        self._bind()
        return self

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in asdict(self._options).items())
        return f"{type(self).__name__}({given})"

    def with_curriculum(self, curriculum: Curriculum | None) -> Self:
        """Return a tracer with the same parameters over another curriculum."""
        return self._changed(curriculum=curriculum)

    def _with(self, fitted: Learned | None) -> Self:
        """Return a tracer like this one that has learned something else."""
        return self._changed(_fitted=fitted)

    def _changed(self, **attributes: Any) -> Self:
        tracer = copy.copy(self)
        for name, value in attributes.items():
            setattr(tracer, name, value)
        tracer._bind()
        return tracer

    # -- logs, and what was learned from one --------------------------------------------------

    def _as_log(self, log: Any) -> ResponseLog:
        return as_log(log, self.curriculum)

    def _log_to_learn_from(self, log: Any) -> ResponseLog:
        responses = self._as_log(log)
        if not len(responses):
            problem = "there are none, expected at least one response"
            raise InvalidInput("response log", [Fault("rows", problem)])
        return responses

    @property
    def _when_fitted(self) -> Learned:
        if self._fitted is None:
            name = type(self).__name__
            raise NotFitted(f"this {name} has not been fitted: call fit(log) first")
        return self._fitted

    @property
    @abstractmethod
    def report_(self) -> Any:
        """How the fit went; it has `converged` and `warnings`."""

    @abstractmethod
    def parameter_values(self) -> Mapping[str, Sequence[float]]:
        """Return all values of each kind of parameter, by name."""

    # -- many learners ------------------------------------------------------------------------

    def replay(
        self, log: Any, *, completions: Iterable[Completion] | None = None
    ) -> Mapping[str, KnowledgeState]:
        """Return the state of every learner after a whole log.

        It is what :meth:`update` and :meth:`complete` come to, one event after the other. Where
        numba is installed it takes no object per response, and deals learners out to threads,
        which changes no digit; for BKT with a trait it is one by one.

        Parameters
        ----------
        log : ResponseLog, data frame or History
            Which skills an item exercises is as for :meth:`update`: as the curriculum says, or
            the log that was fitted.
        completions : iterable of Completion, optional
            Modules completed between the responses of a log. One at the very instant of a response
            comes before it.

        Returns
        -------
        mapping of str to KnowledgeState
            By learner id: :class:`.KnowledgeStates`, which holds columns and makes a state when it
            is asked for.

        Raises
        ------
        UnknownId
            An item or a module is not known.
        InvalidInput
            The frame is at fault, or completions are given and there are no dates.

        Examples
        --------
        >>> import polars
        >>> from . import BKT
        >>> log = polars.DataFrame(
        ...     {"learner": ["ada"], "item": ["q1"], "skills": ["sql"], "correct": [1]}
        ... )
        >>> BKT().fit(log).replay(log)["ada"].skills["sql"].successes
        {'q1': 1}
        """
        if isinstance(log, History):
            if completions is not None:
                fault = Fault("completions", "are given beside a History, which has its own")
                raise InvalidInput("response log", [fault])
            return self._states_after(log)
        return self._states_after(History.of(self._as_log(log), completions))

    def _states_after(self, history: History) -> Mapping[str, KnowledgeState]:
        """Return the states of all learners, by one piece of evidence after the other.

        This is the definition; a kind of tracer with passes of its own is faster.
        """
        states = {}
        for learner_id, evidence in history.by_learner():
            state = self.start(learner_id)
            for one in evidence:
                if isinstance(one, Response):
                    state = self.update(state, one)
                else:
                    state = self.complete(state, one)
            states[learner_id] = state
        return states

    @abstractmethod
    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response."""

    # -- one learner --------------------------------------------------------------------------

    def start(self, learner_id: str) -> KnowledgeState:
        """Return what is believed of a learner without evidence: nothing but the priors."""
        return KnowledgeState(learner_id)

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
        module, at = modules[completion.module_id], completion.completed_at
        lesson = Lesson(
            state.times(module.module_id) + 1,
            state.opportunities_of({effect.skill_id for effect in module.teaches}),
        )
        return replace(
            self._learned(state, module, at),
            completed={**copied(state.completed), module.module_id: at},
            lessons={**copied(state.lessons), module.module_id: lesson},
        )

    def _learned(
        self, state: KnowledgeState, module: Module, at: datetime | None
    ) -> KnowledgeState:
        """Return what is believed once a module was completed: what was to be expected of it."""
        return self.project(state, module, at=at)

    @abstractmethod
    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None = None
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed now."""

    # -- as text ------------------------------------------------------------------------------

    def to_json(self) -> str:
        """Return the model as versioned JSON; the curriculum is not part of it."""
        fitted = None if self._fitted is None else self._fitted.to_plain()
        return model_text(self._model, {"options": asdict(self._options), "fitted": fitted})

    @classmethod
    def from_json(cls, text: str, *, curriculum: Curriculum | None = None) -> Self:
        """Read what :meth:`to_json` wrote, exactly.

        Raises
        ------
        ModelFormatError
            Saying what was found, what was expected, and what to do.
        """
        _, content = read_model(text, expected=cls._model)
        with reading(cls._model):
            tracer = cls(curriculum=curriculum, **content["options"])
            plain = content["fitted"]
            return tracer if plain is None else tracer._with(cls._fitted_kind.from_plain(plain))
