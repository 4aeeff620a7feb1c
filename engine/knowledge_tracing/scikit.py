"""What scikit-learn's model selection asks of an estimator, without needing scikit-learn."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from .metrics import log_loss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog

__all__ = ["ScikitShaped"]


class ScikitShaped:
    """An estimator that `cross_val_score`, `GridSearchCV` and their kin take, over data frames.

    Learners must not be split: give ``cv=GroupKFold()`` and ``groups=frame["learner"]``.
    """

    @abstractmethod
    def predict_correct(self, log: Any) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""

    @abstractmethod
    def _as_log(self, log: Any) -> ResponseLog: ...

    def score(self, log: Any, y: Any = None) -> float:  # noqa: ARG002  # scikit-learn's
        """Return the mean log-likelihood per response, in nats; more is better, 0 the most.

        Each answer is predicted before it is seen, with the learner's earlier answers known.

        Examples
        --------
        >>> from . import BKT
        >>> rows = [{"learner": "ada", "item": "q", "skills": "sql", "correct": 1}]
        >>> from ..domain.responses import ResponseLog
        >>> round(BKT().score(ResponseLog.from_records(rows)), 2)
        -0.51
        """
        responses = self._as_log(log)
        return -log_loss(responses.score, self.predict_correct(responses))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False))
