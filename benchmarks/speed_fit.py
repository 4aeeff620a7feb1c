"""How long expectation-maximisation takes per response, iteration and core, beside others.

The same answers on one skill, the same start, the same number of iterations, on one thread, all
contenders in turn within each round; medians over rounds, ratios within a round, of processor
time. `nats_apart` is how far the log-likelihoods of the parameters that came out lie from that of
plain numpy's: all do the same mathematics. Then the whole fit from a log in memory (priors,
intervals and all) is timed against as many plain iterations as reach the same likelihood from one
start, at what one takes each of the others.

    python benchmarks/speed_fit.py --data FOLDER --peers
    python benchmarks/speed_fit.py --small

"attain" passes over equal histories once, which is exact; "attain, unmerged" over every answer.
`over_floor` is how often what an answer takes holds what its 28 operations would at the least
(0.45 ns: four lanes, two fused multiply-adds at a time, 3.9 GHz). There are two logs: of
50,000 learners, a million answers, and of 2,000, where what each call costs beside its answers
counts. pyBKT as pip installs it needs 50 µs and more per answer, however many there are: of the
larger log it gets the first 2,000 learners, and the others' times per answer are compared with its.

With ``--data`` also the skill with most responses of each log. With ``--peers`` also those that
``make peers`` has installed: pyBKT as pip installs it, its C++ build, hmmlearn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from environments import installed
from numpy.typing import NDArray
from peering import ask
from plain_em import PlainEM
from reporting import Limit, options, print_rows, write_results

from engine import BKT, ResponseLog
from engine.knowledge_tracing.chain import LevelChain
from engine.knowledge_tracing.compute import fastest_passes
from engine.knowledge_tracing.expectation_maximisation import maximise
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.sequences import sequences_of
from engine.knowledge_tracing.tasks import Tasks
from service.tables import read_log

PEERS = ("pybkt", "pybkt-compiled", "hmmlearn")
FITS = {"attain fit": BKT(), "attain fit, 1 start": BKT(restarts=1)}
START = {"prior": 0.5, "learn": 0.1, "guess": 0.3, "slip": 0.1}
TRUE = {"prior": 0.4, "learn": 0.08, "guess": 0.2, "slip": 0.12}
MOST = 2000  # iterations to the likelihood
FLOOR = 0.45  # ns
FEW = 2000  # learners: as many of a log as pyBKT in Python is asked for
COLUMNS = (
    "log", "contender", "ns", "times_attain", "times_unmerged", "numpy_over", "over_floor",
    "nats_apart", "n",
)  # fmt: skip
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


def first_learners(columns: Mapping[str, Any], n: int) -> dict[str, Any]:
    """Return the answers of the first learners."""
    there = columns["learner"] < n
    return {name: one[there] for name, one in columns.items()}


def plain_em(columns: Mapping[str, Any]) -> PlainEM:
    return PlainEM(columns["correct"], np.unique(columns["learner"], return_counts=True)[1])


def attain_em(log: ResponseLog, *, merged: bool) -> Callable[[int], Array]:
    """Return what runs so many iterations of Attain's, without priors, over a log laid out."""
    layout = Layout.of(log, {"one": LevelChain.of((1,), {}, (DEFAULT_PARAMETERS,))})
    sequences, passes = sequences_of(layout), fastest_passes()
    weight = layout.score[layout.pair_response[sequences.pair]]
    if not merged:
        sequences = replace(sequences, score=None)  # what is not known is not merged
    packed = passes.packed(weight, sequences)
    tasks = Tasks(np.zeros(1, np.int64), np.ones(1, np.int64))
    pseudo = np.full((1, 5, 2), 1e-12)
    pseudo[:, 2] = 0.0  # nothing is forgotten

    def run(iterations: int) -> Array:
        theta = np.array([[START["prior"], START["learn"], 0.0, START["guess"], START["slip"]]])
        for _ in range(iterations):
            counts, _ = passes.expected_counts(packed, sequences, tasks, theta, np.arange(1))
            theta = maximise(counts, pseudo, theta)
        result: Array = theta[0, [0, 1, 3, 4]]
        return result

    return run


def seconds_of(call: Callable[[], Any], at_least: float = 0.05) -> float:
    """Return the mean time of a call that is repeated for some time."""
    n, began = 0, process_time()
    while n == 0 or process_time() - began < at_least:
        call()
        n += 1
    return (process_time() - began) / n


def measured(
    name: str, log: ResponseLog, peers: Sequence[str], iterations: int, rounds: int
) -> list[Row]:
    """Time all contenders in turn, round after round."""
    columns, start = answers(log), np.array(list(START.values()))
    given = {one: first_learners(columns, FEW) if one == "pybkt" else columns for one in peers}
    plain = plain_em(columns)
    climbs: dict[str, Callable[[int], Array]] = {
        "attain": attain_em(log, merged=True),
        "attain, unmerged": attain_em(log, merged=False),
        "numpy": partial(plain.climb, start),
    }
    theta = {one: climbing(iterations) for one, climbing in climbs.items()}
    calls = {one: partial(climbing, iterations) for one, climbing in climbs.items()} | {
        one: partial(tracer.fit, log) for one, tracer in FITS.items()
    }
    for call in calls.values():
        call()  # compiled, or read from the cache, before anything counts
    per_answer: dict[str, list[float]] = {one: [] for one in (*calls, *peers)}
    request = {"task": "time", "start": START, "iterations": iterations}
    for _ in range(rounds):
        for one, call in calls.items():
            per_answer[one].append(seconds_of(call) / len(log))
        for one, answered in given.items():
            reply = ask(one, request, answered)
            per_answer[one].append(reply["seconds"] / len(answered["correct"]))
            theta[one] = np.array(reply["theta"])
    rows = [
        {
            "log": name,
            "contender": one,
            "measure": "iteration",
            "ns": (ns := float(np.median(per_answer[one])) / iterations * 1e9),
            "times_attain": _ratio(per_answer[one], per_answer["attain"]),
            "times_unmerged": _ratio(per_answer[one], per_answer["attain, unmerged"]),
            "numpy_over": _ratio(per_answer["numpy"], per_answer[one]),
            "over_floor": ns / FLOOR,
            "nats_apart": apart(found, given.get(one, columns), iterations),
            "n": len(given.get(one, columns)["correct"]),
        }
        for one, found in theta.items()
    ]
    fitted = FITS["attain fit"].parameters_["one"][1]
    n = iterations_to(plain, np.array([fitted.prior, fitted.learn, fitted.guess, fitted.slip]))
    seconds = {one: len(log) * np.array(found) for one, found in per_answer.items()}
    return rows + to_likelihood(name, seconds, iterations, n)


def apart(theta: Array, columns: Mapping[str, Any], iterations: int) -> float:
    """Return how far parameters lie from those of plain numpy on the same answers, in nats."""
    plain = plain_em(columns)
    own = plain.climb(np.array(list(START.values())), iterations)
    return abs(plain.log_likelihood(theta) - plain.log_likelihood(own))


def to_likelihood(
    name: str, taken: Mapping[str, Sequence[float] | Array], iterations: int, n: int
) -> list[Row]:
    """Compare whole fits with the time that n iterations take the others."""
    plain = [one for one in taken if not one.startswith("attain")]
    seconds = {one: n / iterations * np.array(taken[one]) for one in plain}
    seconds |= {one: np.array(taken[one]) for one in FITS}
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
    parser.add_argument("--learners", type=int, default=50_000, help="about 20 answers each")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    one_thread()
    sizes = (1000,) if asked.small else (asked.learners, FEW)
    logs = {f"generated, {n:,} learners": simulated(n) for n in sizes}
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
