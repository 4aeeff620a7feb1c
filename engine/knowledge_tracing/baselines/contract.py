"""What every baseline shares: options, fitting, predicting, saying what is wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self

from ...domain.records import is_number
from ...domain.responses import ResponseLog
from ...errors import Fault, InvalidInput, NotFitted, UnknownId
from ..scikit import ScikitShaped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Baseline"]


class Baseline(ScikitShaped, ABC):
    """A predictor of answers to compare tracers with; its options are its dataclass's fields.

    A kind of baseline says how it learns from a log (`_learn`) and how it predicts one
    (`_predict`); this class reads logs and frames and refuses what cannot be.
    """

    _fitted = False

    def fit(self, log: Any) -> Self:
        """Learn from a ResponseLog or a data frame.

        Raises
        ------
        InvalidInput
            The log is empty, an option is out of range, or the frame is at fault.
        """
        responses = self._as_log(log)
        self._check_options()
        if not len(responses):
            problem = "there are none, expected at least one response"
            raise InvalidInput("response log", [Fault("rows", problem)])
        self._learn(responses)
        self._fitted = True
        return self

    def predict_correct(self, log: Any) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,).

        The learner's earlier answers in the log are known. Learners, items and skills that were
        not there when the model was fitted count as average ones.

        Raises
        ------
        NotFitted
        """
        if not self._fitted:
            raise NotFitted(f"this {type(self).__name__} has not been fitted: call fit(log) first")
        return self._predict(self._as_log(log))

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  # scikit-learn's
        """Return the options by name."""
        options = fields(self)  # type: ignore[arg-type]  # every kind is a dataclass
        return {one.name: getattr(self, one.name) for one in options}

    def set_params(self, **params: Any) -> Self:
        """Set options by name; what was fitted stays.

        Raises
        ------
        UnknownId
            There is no option of that name.
        InvalidInput
            A value is out of range.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise UnknownId(f"option of {type(self).__name__}", name, known)
            setattr(self, name, value)
        self._check_options()
        return self

    def _check_options(self) -> None:
        """Refuse numbers below 0; kinds with other options add to it."""
        faults = [
            Fault(name, f"is {value!r}, expected a number of at least 0")
            for name, value in self.get_params().items()
            if not isinstance(value, bool | str) and not (is_number(value) and value >= 0.0)
        ]
        if faults:
            raise InvalidInput(f"options of {type(self).__name__}", faults)

    def _as_log(self, log: Any) -> ResponseLog:
        return log if isinstance(log, ResponseLog) else ResponseLog.from_frame(log)

    @abstractmethod
    def _learn(self, log: ResponseLog) -> None:
        """Learn from a log with at least one response."""

    @abstractmethod
    def _predict(self, log: ResponseLog) -> NDArray[np.float64]:
        """Predict every response of a log."""
