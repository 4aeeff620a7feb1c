"""pyBKT at work: runs in an environment of its own, and answers one request.

    python run_pybkt.py REQUEST ANSWER

Both are JSON files. The log of a request is an ``.npz`` with a row per response and skill in time
order: learner, item, skill, correct. A request is to ``fit`` and keep the model, to ``predict``
with a model kept, or to ``time`` a number of iterations from given parameters on one skill.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from pyBKT.fit import EM_fit
from pyBKT.models import Model
from pyBKT.util import data_helper

UNSEEN = "unseen"


def frame_of(log: str) -> pd.DataFrame:
    """Return the log under pyBKT's names."""
    with np.load(log) as columns:
        return pd.DataFrame(
            {
                "order_id": np.arange(len(columns["correct"])),
                "user_id": columns["learner"],
                "skill_name": columns["skill"].astype(str),
                "template_id": columns["item"].astype(str),
                "correct": columns["correct"].astype(int),
            }
        )


def fit(asked: dict[str, Any]) -> dict[str, Any]:
    """Fit all skills and keep the model."""
    model = Model(seed=asked["seed"], num_fits=asked["fits"], parallel=False)
    model.fit(data=frame_of(asked["log"]), **asked["options"])
    model.save(asked["model"])
    return {"skills": len(model.fit_model)}


def predict(asked: dict[str, Any]) -> dict[str, Any]:
    """Predict each row, one half where the skill was never fitted."""
    model = Model()
    model.load(asked["model"])
    frame = frame_of(asked["log"])
    known = frame["skill_name"].isin(model.fit_model)
    p = np.full(len(frame), 0.5)
    if asked["options"].get("multigs"):
        for skill, rows in frame[known].groupby("skill_name"):
            p[rows.index] = predicted_per_item(model, str(skill), rows.copy())
    elif known.any():
        found = model.predict(data=frame[known].copy())
        p[found.index] = found["correct_predictions"]
    return {"p": np.clip(p, 0.0, 1.0).tolist()}  # a few are past one by a rounding


def predicted_per_item(model: Model, skill: str, rows: pd.DataFrame) -> Any:
    """Predict one skill with guess and slip per item.

    pyBKT fails where an item was not fitted, and where one that was fitted is missing: an item
    not fitted gets the mean guess and slip of the skill's items, and a learner who answers none
    of them (pyBKT's -1) meets all items.
    """
    kept = model.fit_model[skill]
    items = kept["gs_names"]
    if UNSEEN not in items:
        items[UNSEEN] = len(items)
        for name in ("guesses", "slips"):
            kept[name] = np.append(kept[name], kept[name].mean())
    rows["template_id"] = rows["template_id"].where(rows["template_id"].isin(items), UNSEEN)
    everything = pd.DataFrame({"template_id": list(items), "correct": -1, "skill_name": skill})
    everything["order_id"] = everything.index + len(rows)
    everything["user_id"] = rows["user_id"].max() + 1
    everything.index = -1 - everything.index
    rows["order_id"] = np.arange(len(rows))
    model.skills = [skill]
    found = model.predict(data=pd.concat([rows, everything]))
    return found["correct_predictions"].loc[rows.index]


def time(asked: dict[str, Any]) -> dict[str, Any]:
    """Time expectation-maximisation alone, on a log of one skill."""
    (data,) = data_helper.convert_data(frame_of(asked["log"]), ".*").values()
    start = asked["start"]
    model = {
        "prior": start["prior"],
        "learns": np.array([start["learn"]]),
        "forgets": np.array([0.0]),
        "guesses": np.array([start["guess"]]),
        "slips": np.array([start["slip"]]),
        "As": np.array([[[1.0 - start["learn"], 0.0], [start["learn"], 1.0]]]),
    }
    model["emissions"] = np.array(
        [[[1.0 - start["guess"], start["guess"]], [start["slip"], 1.0 - start["slip"]]]]
    )
    n = asked["iterations"]
    began = process_time()
    found, _ = EM_fit.EM_fit(model, data, tol=-1.0, maxiter=n, parallel=False)
    seconds = process_time() - began
    theta = [found["prior"], found["learns"][0], found["guesses"][0], found["slips"][0]]
    return {"seconds": seconds, "theta": [float(one) for one in theta]}


def main() -> None:
    """Answer the request."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = {"fit": fit, "predict": predict, "time": time}[asked["task"]](asked)
    answer["compiled"] = find_spec("pyBKT.fit.E_step") is not None
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
