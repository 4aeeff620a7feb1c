"""Known parameters found again: bias, spread and coverage of 90% intervals; attainment calibrated.

    python benchmarks/quality_recovery.py [--small]

BKT: twenty skills are drawn from a population once; their answers are simulated and fitted many
times. DynamicIRT: twenty skills with ten items each and their learners are drawn from the model
itself, anew for each simulation (:mod:`simulated_abilities`). Per kind of parameter, pooled over
skills and simulations: the mean error, its root mean square, and how often the 90% credible
interval holds the truth. Then fresh learners are followed, and P(attained) is compared with
whether it was attained.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reporting import Limit, options, print_rows, write_results
from scipy.stats import norm
from simulated_abilities import Truth, drawn
from simulated_abilities import simulated as simulated_abilities

from engine import BKT, DynamicIRT, Response, ResponseLog, SkillLevel
from engine.knowledge_tracing import calibration_error

N_SKILLS, N_LEARNERS, LENGTH = 20, 150, 10
BATCH = 20
N_ITEMS_EACH, DYNAMIC_LEARNERS, DYNAMIC_LENGTH = 10, 300, 60
FITTED = ("prior", "learn", "guess", "slip")
MEANS = {"prior": 0.4, "learn": 0.18, "guess": 0.2, "slip": 0.12}
STRENGTHS = {"prior": 6.0, "learn": 15.0, "guess": 20.0, "slip": 20.0}

COLUMNS = ("model", "parameter", "mean_error", "rmse", "coverage_90", "calibration_error", "n")
LIMITS = {
    "rmse": Limit("lower", times=1.02),
    "off_90": Limit("lower", by=0.02),
    "calibration_error": Limit("lower", by=0.005),
}

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


def dynamic_errors(truth: Truth, tracer: DynamicIRT) -> dict[str, tuple[Array, Marks]]:
    """Return estimate less truth, and whether the interval holds it, by kind of parameter.

    Easiness is compared relative to its mean over all items, or skills: a constant common to all
    is the intercept's as well.
    """
    true = {
        ("item", "easiness"): truth.item,
        ("skill", "easiness"): truth.skill,
        ("skill", "practice"): truth.practice,
    }
    found: dict[str, list[tuple[float, float]]] = {" ".join(one): [] for one in true}
    frame = tracer.parameters_frame()
    columns = [frame[one] for one in ("kind", "name", "quantity", "mean", "variance")]
    for kind, name, quantity, mean, variance in zip(*columns, strict=True):
        if (kind, quantity) in true:
            error = mean - true[kind, quantity][int(name)]
            found[f"{kind} {quantity}"].append((error, variance))
    pairs = {parameter: np.array(one).T for parameter, one in found.items()}
    centred = {
        parameter: (error - error.mean() if parameter.endswith("easiness") else error, variance)
        for parameter, (error, variance) in pairs.items()
    }
    width = float(norm.ppf(0.95))
    return {
        parameter: (error, np.abs(error) <= width * np.sqrt(variance))
        for parameter, (error, variance) in centred.items()
    }


def dynamic_attainment(
    truth: Truth, tracer: DynamicIRT, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return whether fresh learners attained each skill, and P(attained), both in a row."""
    log, ability = simulated_abilities(truth, DYNAMIC_LEARNERS // 3, DYNAMIC_LENGTH, rng)
    targets = [SkillLevel(str(k)) for k in range(N_SKILLS)]
    p = np.empty_like(ability)
    states = {one: tracer.start(one) for one in log.learner_ids}
    for row in log.time_order.tolist():
        who = log.learner_ids[log.learner[row]]
        response = Response(who, log.item_ids[log.item[row]], log.score[row])
        states[who] = tracer.update(states[who], response)
    for who, state in states.items():
        p[int(who)] = tracer.attainment(state, targets)
    cut = float(norm.ppf(tracer.get_params()["p_correct_at_mastery"]))
    return (ability >= cut).ravel().astype(np.float64), p.ravel()


def recovered(model: str, parameter: str, error: Array, held: Marks) -> dict[str, Any]:
    """Return the row of one kind of parameter."""
    coverage = float(held.mean())
    return {
        "model": model,
        "parameter": parameter,
        "mean_error": float(error.mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "coverage_90": coverage,
        "off_90": abs(coverage - 0.9),
        "n": len(held),
    }


def attained(model: str, calibration: float, n: int) -> dict[str, Any]:
    """Return the row of the calibration of P(attained)."""
    return {"model": model, "parameter": "attainment", "calibration_error": calibration, "n": n}


def bkt_rows(n: int) -> list[dict[str, Any]]:
    """Recover BKT's parameters n times, a batch in one log."""
    rng = np.random.default_rng(0)
    truth = population(rng)
    parts = [errors(truth, BATCH, rng) for _ in range(n // BATCH)]
    error, held = (np.concatenate(one) for one in zip(*parts, strict=True))
    rows = [recovered("bkt", one, error[:, i], held[:, i]) for i, one in enumerate(FITTED)]
    return [*rows, attained("bkt", attainment_error(truth, rng), N_SKILLS * N_LEARNERS)]


def dynamic_rows(n: int) -> list[dict[str, Any]]:
    """Recover DynamicIRT's parameters n times."""
    found: dict[str, list[tuple[Array, Marks]]] = {}
    states: list[tuple[Array, Array]] = []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        truth = drawn(N_SKILLS, N_ITEMS_EACH, rng)
        log, _ = simulated_abilities(truth, DYNAMIC_LEARNERS, DYNAMIC_LENGTH, rng)
        tracer = DynamicIRT().fit(log)
        for parameter, one in dynamic_errors(truth, tracer).items():
            found.setdefault(parameter, []).append(one)
        states.append(dynamic_attainment(truth, tracer, rng))
        print(f"DynamicIRT {seed + 1} of {n}", file=sys.stderr)
    true, p = (np.concatenate(one) for one in zip(*states, strict=True))
    pooled: Mapping[str, tuple[Array, Marks]] = {
        parameter: (
            np.concatenate([one for one, _ in parts]),
            np.concatenate([h for _, h in parts]),
        )
        for parameter, parts in found.items()
    }
    rows = [recovered("dynamic-irt", one, *both) for one, both in pooled.items()]
    return [*rows, attained("dynamic-irt", calibration_error(true, p), len(p))]


def main() -> None:
    """Measure, print the table and write it down."""
    parser = options(__doc__, "40 simulations for BKT and 2 for DynamicIRT")
    parser.add_argument("--simulations", type=int, default=300, help="for BKT")
    parser.add_argument("--dynamic-simulations", type=int, default=20, help="for DynamicIRT")
    asked = parser.parse_args()
    n, n_dynamic = (
        (40, 2) if asked.small else (max(BATCH, asked.simulations), asked.dynamic_simulations)
    )
    started = time.perf_counter()
    rows = [*bkt_rows(n), *dynamic_rows(n_dynamic)]
    print_rows(rows, COLUMNS)
    print(f"\n{time.perf_counter() - started:.0f} s")
    key = ("model", "parameter")
    write_results("quality_recovery", rows, small=asked.small, key=key, limits=LIMITS)


if __name__ == "__main__":
    main()
