"""Peers asked from outside: a log handed over as a file, predictions or timings handed back."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from environments import PINNED, installed, python_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine import ResponseLog

    Array = NDArray[np.float64]

__all__ = ["PyBKT", "ask", "columns_of"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def ask(environment: str, request: Mapping[str, Any], log: Mapping[str, Any]) -> dict[str, Any]:
    """Run a peer on a log, on one thread, and return its answer.

    Parameters
    ----------
    environment : str
        Its name; what it runs is named after its first part.
    request : mapping
        What the script ``pinned/run_….py`` says that it takes.
    log : mapping of str to array
    """
    script = PINNED / f"run_{environment.partition('-')[0]}.py"
    with tempfile.TemporaryDirectory() as folder:
        asked, answered, columns = (Path(folder) / f for f in ("asked", "answered", "log.npz"))
        np.savez(columns, **log)
        asked.write_text(json.dumps({**request, "log": str(columns)}), encoding="utf-8")
        subprocess.run(
            [str(python_of(environment)), str(script), str(asked), str(answered)],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD},
        )
        answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
        return answer


def columns_of(log: ResponseLog) -> dict[str, Any]:
    """Return a row per response and skill in time order; `response` is the row of the log.

    pyBKT knows no items with several skills: its users repeat the row, and so is it done here.
    Nor has it levels: those of a skill are so many skills to it.
    """
    names = [[f"{one.skill_id}@{one.level}" for one in skills] for skills in log.skill_sets]
    order = log.time_order
    response = np.repeat(order, [len(names[k]) for k in log.skill_set[order]])
    return {
        "response": response,
        "learner": log.learner[response],
        "item": np.array(log.item_ids)[log.item[response]],
        "skill": np.concatenate([names[k] for k in log.skill_set[order]]),
        "correct": (log.score[response] >= 0.5).astype(np.int64),
    }


class PyBKT:
    """pyBKT in the place of a tracer of ours: its C++ build where that is installed.

    A response with several skills gets the mean of what the skills' models predict; each of them
    sees the answer only afterwards.

    Parameters
    ----------
    **options
        Of ``Model.fit``, such as ``forgets=True``.
    """

    FITS, SEED = 5, 42  # pyBKT's own number of starting points

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.compiled = installed("pybkt-compiled")
        self.environment = "pybkt-compiled" if self.compiled else "pybkt"
        if not installed(self.environment):
            raise SystemExit("pyBKT is not installed here: `make peers` does it")

    def fit(self, log: ResponseLog) -> Self:
        """Fit in the peer's environment; the time that this takes includes its start."""
        self._folder = tempfile.TemporaryDirectory()
        self._ask("fit", log, fits=self.FITS, seed=self.SEED)
        return self

    def predict_correct(self, log: ResponseLog) -> Array:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""
        p = np.array(self._ask("predict", log)["p"])
        response = columns_of(log)["response"]
        mean: Array = np.bincount(response, p, len(log)) / np.bincount(response)
        return mean

    def _ask(self, task: str, log: ResponseLog, **more: Any) -> dict[str, Any]:
        model = str(Path(self._folder.name) / "model.pkl")
        request = {"task": task, "model": model, "options": self.options, **more}
        return ask(self.environment, request, columns_of(log))
