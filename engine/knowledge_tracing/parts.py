"""All evidence of a fit, in parts that stay where they are; what they come to together.

Expectation-maximisation needs of the evidence nothing but expected counts, and those of parts
add up: each pass takes the parameters to the parts and brings their counts back, summed in the
parts' order (Chu et al. 2006, Map-reduce for machine learning on multicore). A log that lies here
is one part among one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.framework import SkillLevel
from ..domain.joining import check_columns, joined
from ..domain.responses import ResponseLog
from ..errors import Fault, InvalidInput
from . import part
from .executor import Executor, Here
from .fitted import usual_items
from .outline import Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from .ascent import Ascent
    from .compute import Passes
    from .tasks import Tasks

    Array = NDArray[np.float64]

__all__ = ["Parts"]


class Parts:
    """The evidence of a fit under an executor, laid out over one table of levels.

    Attributes
    ----------
    table : LevelTable
    outline : Outline
        Of all parts together.
    items : dict of str to tuple of SkillLevel
        Which skills the items exercised.
    has_conjunctions : bool
        Whether some response exercised several skills.
    """

    def __init__(
        self,
        sources: Iterable[Any],
        passes: Passes,
        *,
        executor: Executor | None = None,
        curriculum: Curriculum | None = None,
        known: Iterable[SkillLevel] = (),
    ) -> None:
        """Lay the evidence out.

        Parameters
        ----------
        sources : iterable
            What has the logs of a part each, as :func:`as_logs` takes it, or a handle of one.
            What is no sequence is gone through once, each source being let go before the next is
            asked for.
        passes : Passes
        executor : Executor, optional
            Who does the work; this process unless given.
        curriculum : Curriculum, optional
        known : iterable of SkillLevel
            Levels that count where a skill of theirs has evidence, even if they have none.

        Raises
        ------
        InvalidInput
            There is no response, logs differ in their columns, or a learner's responses lie in
            several logs that can be gone through once only.
        """
        self.passes, self.executor = passes, Here() if executor is None else executor
        several = not (isinstance(sources, Sequence) and _is_one_log(sources))
        laid_out = [self._lay_out(one, curriculum, several) for one in sources]
        self.outline = self._outlined(laid_out, known)
        torn, share = _torn(self.outline.marks)
        if len(torn):
            if not isinstance(sources, Sequence) or any(isinstance(k, Iterator) for k in sources):
                problem = "have responses in several parts, which are gone through only once"
                remedy = "give the parts as a list, or each learner's responses in one part"
                raise InvalidInput("logs", [Fault("learners", problem, remedy)])
            laid_out = self._mended(sources, curriculum, torn, share)
            self.outline = self._outlined(laid_out, known)
        if not self.outline.summary.n_responses:
            problem = "there are none, expected at least one response"
            raise InvalidInput("response log", [Fault("rows", problem)])
        self.table = self.outline.table
        self._parts = [self._submit(part.over, one, self.table) for one in laid_out]
        self.items = usual_items(self.outline.items)
        self.has_conjunctions = self.outline.summary.n_several > 0

    def _submit(self, work: Callable[..., Any], *args: Any) -> Any:
        return self.executor.submit(work, *args)

    def _lay_out(self, source: Any, curriculum: Curriculum | None, *more: Any) -> Any:
        return self._submit(part.lay_out, source, curriculum, self.passes, *more)

    def _outlined(self, laid_out: Sequence[Any], known: Iterable[SkillLevel]) -> Outline:
        found = self.executor.gather([self._submit(part.outline_of, one) for one in laid_out])
        outline = Outline.together(found, known)
        check_columns(outline.columns)
        return outline

    def _mended(
        self,
        sources: Sequence[Any],
        curriculum: Curriculum | None,
        torn: NDArray[np.uint64],
        share: float,
    ) -> list[Any]:
        """Lay all out again, the learners that were torn in as many parts more as they fill."""
        n = math.ceil(share * len(sources))
        split = [self._submit(part.split_off, one, curriculum, torn, n) for one in sources]
        moved = [
            self._submit(_joined, *(self._submit(itemgetter(k), pieces) for pieces in split))
            for k in range(n)
        ]
        return [
            *(self._lay_out(one, curriculum, False, torn) for one in sources),
            *(self._lay_out(one, curriculum, False) for one in moved),
        ]

    def credits(self, theta: Array) -> list[Any]:
        """Return what the skills are credited with under `theta`, as it stays with each part.

        Parameters
        ----------
        theta : ndarray, shape (n_levels, 5)
        """
        if not self.has_conjunctions:
            return [None] * len(self._parts)
        return [self._submit(part.credit, one, self.passes, theta) for one in self._parts]

    def expected_counts(
        self, credits: Sequence[Any], tasks: Tasks, theta: Array, which: NDArray[np.int64]
    ) -> tuple[Array, Array]:
        """Return the counts and log-likelihoods of some tasks, as :class:`Passes` does."""
        found = self.executor.gather(
            [
                self._submit(part.count, one, weight, self.passes, tasks, theta, which)
                for one, weight in zip(self._parts, credits, strict=True)
            ]
        )
        counts, log_likelihood = found[0]
        for more, further in found[1:]:  # in this order always: sums of floats depend on it
            counts, log_likelihood = counts + more, log_likelihood + further
        return counts, log_likelihood

    def climb(self, credits: Sequence[Any], tasks: Tasks, ascent: Ascent, most: int) -> Array:
        """Let those tasks climb that can at once, as :class:`Passes` does; none if parts are many.

        What lies elsewhere is asked for counts alone.
        """
        if not isinstance(self.executor, Here) or len(self._parts) != 1:
            return np.empty((0, len(tasks)))
        return part.climb(self._parts[0], credits[0], self.passes, tasks, ascent, most)


def _torn(marks: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], float]:
    """Return the marks of learners with responses in several logs, and their share of all."""
    learners, n_logs = np.unique(marks, return_counts=True)
    torn = learners[n_logs > 1]
    return torn, len(torn) / max(len(learners), 1)


def _is_one_log(sources: Sequence[Any]) -> bool:
    return len(sources) == 1 and isinstance(sources[0], ResponseLog)


def _joined(*logs: ResponseLog) -> ResponseLog:
    return joined(logs)
