"""How long expectation-maximisation takes per response, iteration and core, beside others.

The same answers on one skill, the same start, the same number of iterations, on one thread, all
contenders in turn within each round; medians over rounds, ratios within a round. `nats_apart` is
how far the log-likelihoods of the parameters that came out lie from that of plain numpy's: all do
the same mathematics. Then the whole fit from a log in memory (priors, intervals and all) is
timed against as many plain iterations as reach the same likelihood from one start, at what one
takes each of the others.

    python benchmarks/speed_fit.py --data FOLDER --peers
    python benchmarks/speed_fit.py --small

With ``--data`` also the skill with most responses of each log. With ``--peers`` also those that
``make peers`` has installed: pyBKT as pip installs it, its C++ build, hmmlearn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from environments import installed
from numpy.typing import NDArray
from peering import ask
from plain_em import PlainEM
from reporting import Limit, options, print_rows, write_results

from engine import BKT, ResponseLog
from engine.knowledge_tracing.chain import LevelChain
from engine.knowledge_tracing.compute import Tasks, fastest_passes
from engine.knowledge_tracing.expectation_maximisation import maximise
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.sequences import sequences_of
from service.tables import read_log

PEERS = ("pybkt", "pybkt-compiled", "hmmlearn")
FITS = {"attain fit": BKT(), "attain fit, 1 start": BKT(restarts=1)}
START = {"prior": 0.5, "learn": 0.1, "guess": 0.3, "slip": 0.1}
TRUE = {"prior": 0.4, "learn": 0.08, "guess": 0.2, "slip": 0.12}
MOST = 2000  # iterations to the likelihood
COLUMNS = ("log", "contender", "ns", "times_attain", "numpy_over", "nats_apart", "n")
REACHED = ("log", "contender", "iterations", "ms", "times_attain", "numpy_over")
LIMITS = {
    "numpy_over": Limit("higher", times=2.5),
    "nats_apart": Limit("lower", by=1e-3),
}

Array = NDArray[np.float64]
Row = dict[str, Any]


def simulated(n_learners: int, seed: int = 0) -> ResponseLog:
    """Return the answers of so many learners to one skill, 5 to 35 each."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, 36, n_learners)
    known = rng.random(n_learners) < TRUE["prior"]
    right = np.zeros((n_learners, 35), dtype=np.int64)
    for t in range(35):
        right[:, t] = rng.random(n_learners) < np.where(known, 1.0 - TRUE["slip"], TRUE["guess"])
        known |= rng.random(n_learners) < TRUE["learn"]
    learner, order = np.nonzero(np.arange(35) < lengths[:, None])
    score = right[learner, order].astype(np.float64)
    names = ["one"] * len(learner)
    return ResponseLog.from_columns(
        learner=learner, item=names, skills=names, score=score, order=order
    )


def largest_skill(log: ResponseLog) -> ResponseLog:
    """Return the answers to the set of skills that was exercised most, as those to one skill."""
    rows = np.flatnonzero(log.skill_set == np.argmax(np.bincount(log.skill_set)))
    names = ["one"] * len(rows)
    return ResponseLog.from_columns(
        learner=log.learner[rows], item=names, skills=names, score=log.score[rows]
    )


def answers(log: ResponseLog) -> dict[str, Any]:
    """Return learner and correct, learner by learner in time order."""
    order = log.time_order[np.argsort(log.learner[log.time_order], kind="stable")]
    correct = (log.score[order] >= 0.5).astype(np.int64)
    skill = np.zeros(len(log), np.int64)
    return {"learner": log.learner[order], "correct": correct, "skill": skill, "item": skill}


def attain_em(log: ResponseLog) -> Callable[[int], Array]:
    """Return what runs so many iterations of Attain's, without priors, over a log laid out."""
    layout = Layout.of(log, {"one": LevelChain.of((1,), {}, (DEFAULT_PARAMETERS,))})
    sequences, passes = sequences_of(layout), fastest_passes()
    weight = layout.score[layout.pair_response[sequences.pair]]
    tasks = Tasks(np.zeros(1, np.int64), np.ones(1, np.int64))
    pseudo = np.full((1, 5, 2), 1e-12)
    pseudo[:, 2] = 0.0  # nothing is forgotten

    def run(iterations: int) -> Array:
        theta = np.array([[START["prior"], START["learn"], 0.0, START["guess"], START["slip"]]])
        for _ in range(iterations):
            counts, _ = passes.expected_counts(weight, sequences, tasks, theta, np.arange(1))
            theta = maximise(counts, pseudo, theta)
        result: Array = theta[0, [0, 1, 3, 4]]
        return result

    return run


def seconds_of(call: Callable[[], Any], at_least: float = 0.05) -> float:
    """Return the mean time of a call that is repeated for some time."""
    n, began = 0, perf_counter()
    while n == 0 or perf_counter() - began < at_least:
        call()
        n += 1
    return (perf_counter() - began) / n


def measured(
    name: str, log: ResponseLog, peers: Sequence[str], iterations: int, rounds: int
) -> list[Row]:
    """Time all contenders in turn, round after round."""
    columns = answers(log)
    plain = PlainEM(columns["correct"], np.unique(columns["learner"], return_counts=True)[1])
    ours, start = attain_em(log), np.array(list(START.values()))
    theta = {"attain": ours(iterations), "numpy": plain.climb(start, iterations)}
    calls: dict[str, Callable[[], Any]] = {
        "attain": lambda: ours(iterations),
        "numpy": lambda: plain.climb(start, iterations),
        **{one: partial(tracer.fit, log) for one, tracer in FITS.items()},
    }
    taken: dict[str, list[float]] = {one: [] for one in (*calls, *peers)}
    request = {"task": "time", "start": START, "iterations": iterations}
    for _ in range(rounds):
        for one, call in calls.items():
            taken[one].append(seconds_of(call))
        for one in peers:
            answer = ask(one, request, columns)
            taken[one].append(answer["seconds"])
            theta[one] = np.array(answer["theta"])
    at = plain.log_likelihood(theta["numpy"])
    rows = [
        {
            "log": name,
            "contender": one,
            "measure": "iteration",
            "ns": float(np.median(taken[one])) / (len(log) * iterations) * 1e9,
            "times_attain": _ratio(taken[one], taken["attain"]),
            "numpy_over": _ratio(taken["numpy"], taken[one]),
            "nats_apart": abs(plain.log_likelihood(found) - at),
            "n": len(log),
        }
        for one, found in theta.items()
    ]
    fitted = FITS["attain fit"].parameters_["one"][1]
    n = iterations_to(plain, np.array([fitted.prior, fitted.learn, fitted.guess, fitted.slip]))
    return rows + to_likelihood(name, taken, iterations, n)


def to_likelihood(
    name: str, taken: Mapping[str, Sequence[float]], iterations: int, n: int
) -> list[Row]:
    """Compare whole fits with the time that n iterations take the others."""
    share = {one: 1.0 if one in FITS else n / iterations for one in taken if one != "attain"}
    seconds = {one: factor * np.array(taken[one]) for one, factor in share.items()}
    return [
        {
            "log": name,
            "contender": one,
            "measure": "to likelihood",
            "iterations": None if one in FITS else n,
            "ms": float(np.median(found)) * 1e3,
            "times_attain": _ratio(found, seconds["attain fit"]),
            "numpy_over": _ratio(seconds["numpy"], found),
        }
        for one, found in seconds.items()
    ]


def iterations_to(plain: PlainEM, goal: Array) -> int:
    """Return how many plain iterations from the start reach the likelihood of `goal`."""
    target, theta = plain.log_likelihood(goal), np.array(list(START.values()))
    for n in range(MOST):
        theta, reached = plain.step(theta)
        if reached >= target:
            return n
    return MOST


def _ratio(seconds: Sequence[float] | Array, other: Sequence[float] | Array) -> float:
    """Return the median of the ratios within each round."""
    return float(np.median(np.asarray(seconds) / np.asarray(other)))


def one_thread() -> None:
    """Keep our own kernels to one core."""
    try:
        import numba
    except ImportError:
        return
    numba.set_num_threads(1)


def main() -> None:
    parser = options(__doc__, "fewer learners, no peers")
    parser.add_argument("--data", type=Path, help="a folder of response logs in Parquet")
    parser.add_argument("--peers", action="store_true", help=f"also {', '.join(PEERS)}")
    parser.add_argument("--learners", type=int, default=2000, help="about 20 answers each")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    one_thread()
    logs = {"generated": simulated(1000 if asked.small else asked.learners)}
    if asked.data and not asked.small:
        files = sorted(asked.data.glob("*.parquet"))
        logs |= {path.stem: largest_skill(read_log(path)) for path in files}
    peers = [one for one in PEERS if installed(one)] if asked.peers and not asked.small else []
    rounds = 7 if asked.small else asked.rounds
    rows = [
        row
        for name, log in logs.items()
        for row in measured(name, log, peers, asked.iterations, rounds)
    ]
    for measure, columns in (("iteration", COLUMNS), ("to likelihood", REACHED)):
        print_rows([row for row in rows if row["measure"] == measure], columns)
        print()
    write_results(
        "speed_fit", rows, small=asked.small, key=("log", "contender", "measure"), limits=LIMITS
    )


if __name__ == "__main__":
    main()
