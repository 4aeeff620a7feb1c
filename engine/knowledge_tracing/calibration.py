"""How hard items are and how well they tell learners apart, before any sequence exists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..domain.responses import ResponseLog
from ..errors import AttainError, Fault, InvalidInput, ModelFormatError
from .calibration_by_pyirt import lines_by_pyirt
from .marginal_likelihood import fit_item_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ItemCalibration", "calibrate_items"]

FORMAT = "attain-item-calibration"
VERSION = 1


@dataclass(frozen=True)
class ItemCalibration:
    """Item parameters: logit P(right) = discrimination·(ability − difficulty).

    Abilities are standard normal over the learners that were calibrated on.

    Parameters
    ----------
    item_ids : tuple of str
    difficulty : ndarray of float, shape (n_items,)
        The ability at which a right answer has even odds, in standard deviations.
    discrimination : ndarray of float, shape (n_items,)
        Above 0.
    n_responses : ndarray of int, shape (n_items,)
        The answers behind each item.
    method : str
        What calibrated it: ``"marginal"`` or ``"pyirt"``.

    Examples
    --------
    >>> calibration = ItemCalibration(("p", "q"), [0.0, 1.0], [1.0, 2.0], [30, 40])
    >>> calibration.p_correct([1.0]).round(3)
    array([[0.731, 0.5  ]])
    >>> ItemCalibration.from_json(calibration.to_json()).item_ids
    ('p', 'q')
    """

    item_ids: tuple[str, ...]
    difficulty: Array
    discrimination: Array
    n_responses: NDArray[np.int64]
    method: str = "marginal"

    def __post_init__(self) -> None:
        object.__setattr__(self, "item_ids", tuple(self.item_ids))
        for name, kind in (
            ("difficulty", np.float64),
            ("discrimination", np.float64),
            ("n_responses", np.int64),
        ):
            column = np.array(getattr(self, name), dtype=kind)
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        self._check()

    def _check(self) -> None:
        faults = [
            Fault(name, f"has {len(column)} values, expected one for each of {len(self)} items")
            for name, column in self._columns.items()
            if column.shape != (len(self),)
        ]
        if not all(np.isfinite(column).all() for column in self._columns.values()):
            faults.append(Fault("difficulty and discrimination", "hold a value that is not finite"))
        if (self.discrimination <= 0.0).any():
            faults.append(Fault("discrimination", "holds a value that is not above 0"))
        if len(set(self.item_ids)) != len(self) or not len(self):
            faults.append(Fault("item_ids", "are empty or repeat one"))
        if faults:
            raise InvalidInput("item calibration", faults)

    @property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in _COLUMNS}

    def __len__(self) -> int:
        return len(self.item_ids)

    def p_correct(self, ability: Sequence[float] | Array) -> Array:
        """Return P(right) for abilities, shape (n_abilities, n_items)."""
        from scipy.special import expit

        reach = np.asarray(ability, float)[:, None] - self.difficulty
        p: Array = expit(self.discrimination * reach)
        return p

    def of_items(self, item_ids: Sequence[str]) -> tuple[Array, Array]:
        """Return discrimination and difficulty of items, (n_items,) each.

        Items without a calibration have the middle ones: medians, weighted by responses.
        """
        row = {item_id: k for k, item_id in enumerate(self.item_ids)}
        found = np.array([row.get(item_id, -1) for item_id in item_ids], np.int64)
        told = (self.discrimination, self.difficulty)
        discrimination, difficulty = (np.append(one, self._middle(one))[found] for one in told)
        return discrimination, difficulty

    def _middle(self, values: Array) -> float:
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(self.n_responses[order])
        return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])

    def to_frame(self) -> dict[str, list[Any]]:
        """Return columns for a data frame of any kind, one row per item."""
        columns = {name: column.tolist() for name, column in self._columns.items()}
        return {"item": list(self.item_ids), **columns}

    def to_json(self) -> str:
        """Return the calibration as versioned JSON."""
        head = {"format": FORMAT, "version": VERSION, "method": self.method}
        columns = {name: column.tolist() for name, column in self._columns.items()}
        return json.dumps({**head, "item_ids": list(self.item_ids), **columns}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote, exactly.

        Raises
        ------
        ModelFormatError
            The text is corrupt, foreign, or of a newer version.
        """
        try:
            content = json.loads(text)
            known = (content["format"], content["version"]) == (FORMAT, VERSION)
            if known:
                columns = {name: content[name] for name in _COLUMNS}
                return cls(content["item_ids"], **columns, method=content["method"])
        except (AttainError, LookupError, TypeError, ValueError) as error:
            told = f"found no item calibration ({type(error).__name__}: {error}); calibrate again"
            raise ModelFormatError(told) from error
        told = f"{content['format']!r}, version {content['version']!r}"
        raise ModelFormatError(f"found {told}, expected {FORMAT!r}, version {VERSION}")


_COLUMNS = ("difficulty", "discrimination", "n_responses")


def calibrate_items(log: Any, *, kind: str = "2pl", method: str = "marginal") -> ItemCalibration:
    """Estimate the difficulty and discrimination of every item from who got it right.

    For a curriculum whose items were answered before any sequence existed: a placement test, an
    item pool tried out. The order of the answers is not used and every learner has one ability.

    Attain's own estimator is the default by measurement. On simulated pools of 300 to 10,000
    learners it came closer to the discriminations on all of them (.04 against .15 on the largest)
    and to the difficulties on all but the smallest (.04 against .12), over a hundred times quicker:
    ``python benchmarks/quality_calibration.py --large``.

    Parameters
    ----------
    log : ResponseLog or data frame
    kind : {"2pl", "rasch"}
        Whether every item has a discrimination of its own or all share one.
    method : {"marginal", "pyirt"}
        Attain's own estimator, or pyirt (two-parameter only; scores are rounded to right or wrong).

    Raises
    ------
    InvalidInput
        The log is empty, or an option is none of those named.
    ImportError
        pyirt is asked for and not installed: it comes with ``attain[offline]``.

    Examples
    --------
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aabbcc"),
    ...     item=list("pq") * 3,
    ...     skills=["sql"] * 6,
    ...     score=[1, 0, 1, 0, 1, 1],
    ... )
    >>> easy, hard = calibrate_items(log).difficulty
    >>> bool(easy < hard)
    True
    """
    responses = log if isinstance(log, ResponseLog) else ResponseLog.from_frame(log)
    _check_request(responses, kind, method)
    present, item = np.unique(responses.item, return_inverse=True)
    learner = np.unique(responses.learner, return_inverse=True)[1]
    if method == "pyirt":
        slope, easiness = lines_by_pyirt(learner, item, responses.score)
    else:
        equal = kind == "rasch"
        slope, easiness, *_ = fit_item_lines(learner, item, responses.score, equal_slopes=equal)
    item_ids = tuple(responses.item_ids[k] for k in present.tolist())
    return ItemCalibration(item_ids, -easiness / slope, slope, np.bincount(item), method)


def _check_request(log: ResponseLog, kind: str, method: str) -> None:
    faults = []
    if not len(log):
        faults.append(Fault("rows", "there are none, expected at least one response"))
    if kind not in ("2pl", "rasch"):
        faults.append(Fault("kind", f"is {kind!r}, expected '2pl' or 'rasch'"))
    if method not in ("marginal", "pyirt"):
        faults.append(Fault("method", f"is {method!r}, expected 'marginal' or 'pyirt'"))
    elif method == "pyirt" and kind != "2pl":
        remedy = "ask for kind='2pl' or method='marginal'"
        faults.append(Fault("kind", f"is {kind!r}, which pyirt does not have", remedy))
    if faults:
        raise InvalidInput("calibration", faults)
