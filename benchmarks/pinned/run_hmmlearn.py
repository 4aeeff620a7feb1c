"""hmmlearn at work: runs in an environment of its own, and answers one request.

    python run_hmmlearn.py REQUEST ANSWER

Both are JSON files. The request is to ``time`` a number of iterations from given parameters, on a
log of one skill: an ``.npz`` with learner and correct, learner by learner in time order.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np
from hmmlearn.hmm import CategoricalHMM


def main() -> None:
    """Answer the request."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with np.load(asked["log"]) as columns:
        correct = columns["correct"].astype(int)[:, None]
        lengths = np.unique(columns["learner"], return_counts=True)[1]
    start = asked["start"]
    model = CategoricalHMM(
        2, n_iter=asked["iterations"], tol=-np.inf, init_params="", implementation="scaling"
    )
    model.startprob_ = np.array([1.0 - start["prior"], start["prior"]])
    model.transmat_ = np.array([[1.0 - start["learn"], start["learn"]], [0.0, 1.0]])
    model.emissionprob_ = np.array(
        [[1.0 - start["guess"], start["guess"]], [start["slip"], 1.0 - start["slip"]]]
    )
    began = process_time()
    model.fit(correct, lengths)
    seconds = process_time() - began
    theta = [
        model.startprob_[1],
        model.transmat_[0, 1],
        model.emissionprob_[0, 1],
        model.emissionprob_[1, 0],
    ]
    answer = {"seconds": seconds, "theta": [float(one) for one in theta]}
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
