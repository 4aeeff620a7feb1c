"""Known parameters found again: bias, spread and coverage of 90 % intervals; attainment calibrated.

    python benchmarks/quality_recovery.py [--small]

Twenty skills are drawn from a population once; their answers are simulated and fitted many times.
Per kind of parameter, pooled over skills and simulations: the mean error, its root mean square,
and how often the 90 % credible interval holds the truth. Then the states of simulated learners
are followed online, and P(attained) is compared with whether it was attained.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray
from reporting import print_rows, write_results

from engine import BKT, Response, ResponseLog
from engine.knowledge_tracing import calibration_error

N_SKILLS, N_LEARNERS, LENGTH = 20, 150, 10
FITTED = ("prior", "learn", "guess", "slip")
MEANS = {"prior": 0.4, "learn": 0.18, "guess": 0.2, "slip": 0.12}
STRENGTHS = {"prior": 6.0, "learn": 15.0, "guess": 20.0, "slip": 20.0}

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]


def population(rng: np.random.Generator) -> Array:
    """Draw prior, learn, guess and slip of the skills, shape (n_skills, 4)."""
    columns = [
        rng.beta(MEANS[name] * STRENGTHS[name], (1 - MEANS[name]) * STRENGTHS[name], N_SKILLS)
        for name in FITTED
    ]
    return np.clip(np.stack(columns, axis=1), 0.02, 0.9)


def simulated(truth: Array, n: int, rng: np.random.Generator) -> tuple[ResponseLog, Marks]:
    """Return answers to n copies of each skill, and whether each was attained at the end.

    Returns
    -------
    log : ResponseLog
        Copy i of skill k is named ``k-i``.
    attained : ndarray of bool, shape (n · n_skills, n_learners)
    """
    prior, learn, guess, slip = (np.tile(column, n)[:, None] for column in truth.T)
    shape = (n * len(truth), N_LEARNERS)
    attained = rng.random(shape) < prior
    score = np.empty((*shape, LENGTH))
    for t in range(LENGTH):
        score[..., t] = rng.random(shape) < np.where(attained, 1 - slip, guess)
        attained |= rng.random(shape) < learn
    names = np.array([f"{k}-{i}" for i in range(n) for k in range(len(truth))])
    skill = np.repeat(names, N_LEARNERS * LENGTH)
    learner = np.tile(np.repeat(np.arange(N_LEARNERS), LENGTH), shape[0])
    order = np.tile(np.arange(LENGTH), shape[0] * N_LEARNERS)
    log = ResponseLog.from_columns(
        learner=learner, item=skill, skills=skill, score=score.ravel(), order=order
    )
    return log, attained


def errors(truth: Array, n: int, rng: np.random.Generator) -> tuple[Array, Marks]:
    """Return estimate less truth, and whether the interval holds it, (n · n_skills, 4) each."""
    log, _ = simulated(truth, n, rng)
    frame = BKT().fit(log).parameters_frame(0.9)
    true = truth[[int(name.split("-")[0]) for name in frame["skill"]]]
    found, low, high = (
        np.array([frame[name + end] for name in FITTED]).T for end in ("", "_low", "_high")
    )
    return found - true, (low <= true) & (true <= high)


def attainment_error(truth: Array, rng: np.random.Generator) -> float:
    """Return the calibration error of P(attained) of fresh learners, followed online."""
    tracer = BKT().fit(simulated(truth, 1, rng)[0])
    log, attained = simulated(truth, 1, rng)
    states = [tracer.start(one) for one in log.learner_ids]
    for row in log.time_order.tolist():
        who, item = int(log.learner[row]), log.item_ids[log.item[row]]
        response = Response(log.learner_ids[who], item, log.score[row])
        states[who] = tracer.update(states[who], response)
    p = [
        states[log.learner_ids.index(str(who))].skills[f"{k}-0"].p_at_least[0]
        for k in range(len(truth))
        for who in range(N_LEARNERS)
    ]
    return calibration_error(attained.ravel().astype(float), np.array(p))


def main() -> None:
    """Measure, print the table and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="40 simulations in place of 300")
    n, batch = (40, 20) if parser.parse_args().small else (300, 30)
    rng = np.random.default_rng(0)
    truth = population(rng)
    started = time.perf_counter()
    parts = [errors(truth, batch, rng) for _ in range(n // batch)]
    error, held = (np.concatenate(one) for one in zip(*parts, strict=True))
    rows = [
        {
            "parameter": name,
            "mean_error": float(error[:, i].mean()),
            "rmse": float(np.sqrt((error[:, i] ** 2).mean())),
            "coverage_90": float(held[:, i].mean()),
            "n": len(held),
        }
        for i, name in enumerate(FITTED)
    ]
    seconds = time.perf_counter() - started
    print_rows(rows, ("parameter", "mean_error", "rmse", "coverage_90", "n"))
    calibration = attainment_error(truth, rng)
    print(f"\nattainment: calibration error {calibration:.4f}; {seconds:.0f} s")
    write_results(
        "quality_recovery", [*rows, {"parameter": "attainment", "calibration": calibration}]
    )


if __name__ == "__main__":
    main()
