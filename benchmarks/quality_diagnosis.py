"""How many questions it takes to know a learner's readiness, against random order and a fixed test.

The same tracer and the same reading of the evidence follow each order of questions: probes, a
random order per learner, and a fixed test (targets by weight in turn, the same for all). The error
is the root mean square of the expected less the true attainment, over targets, alike or by their
weights, and learners; or that of readiness over learners. A question is counted until an order
first comes down to what the random one has after 10, 20, 30 and half of its questions.

What is possible at all is said beside it. `oracle` is the share of random's questions that somebody
needs who knows how learners were drawn and how they answer, reads answers exactly and asks what is
expected to leave the least error by the role's weights; random order is read by the same knowledge.
Intervals are those of resampled learners, 95%. The worlds are those of `placement_worlds`; the
tracer has either seen nothing, or was fitted to what 300 other learners answered.

    python benchmarks/quality_diagnosis.py --learners 200 --data FOLDER
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from placement_worlds import OTHERS, Array, Known, World, fitted, worlds
from reporting import Limit, options, print_rows, write_results

from engine import BKT, KnowledgeState, Response
from engine.recommender.diagnosis import expected_attainment, next_probe

LIMITS = {"share_of_random": Limit("lower", by=0.1)}
MOST = 120  # questions
ERRORS = ("targets", "weighted targets", "readiness")
AFTER = (10, 20, 30, MOST // 2)  # of random's questions
CURRICULA = 5
PARTICLES = 4096
RESAMPLED = 200
COLUMNS = (
    *("world", "tracer", "of", "error", "probe", "random", "fixed"),
    *("share_of_random", "low", "high", "oracle", "learners"),
)


class Examiner(Protocol):
    """Who reads the answers of one learner, and may say what to ask next."""

    def expected(self) -> Array: ...
    def probe(self, asked: set[str]) -> str: ...
    def learn(self, item_id: str, *, right: bool) -> None: ...


class Engine:
    """The engine with a tracer."""

    def __init__(self, world: World, tracer: BKT) -> None:
        self._about, self._tracer, self._state = world.about, tracer, KnowledgeState("learner")

    def expected(self) -> Array:
        return expected_attainment(self._about, self._state, self._tracer)

    def probe(self, asked: set[str]) -> str:
        return next_probe(self._about, self._state, self._tracer, asked=asked).item_id

    def learn(self, item_id: str, *, right: bool) -> None:
        self._state = self._tracer.update(
            self._state, Response("learner", item_id, score=float(right))
        )


class Oracle:
    """Whoever knows the world: learners drawn as it draws them, weighed by its own noise."""

    def __init__(self, world: World, population: Array) -> None:
        self._world, self._known = world, population
        self._place = {one.skill_id: k for k, one in enumerate(world.about.wanted)}
        self._shares = world.about.shares()
        self._p = np.full(len(population), 1.0 / len(population))

    def expected(self) -> Array:
        return self._p @ self._known[:, : len(self._shares)]

    def probe(self, asked: set[str]) -> str:
        items = [one.item_id for one in self._world.about.items if one.item_id not in asked]
        if not items:
            return ""
        noise = np.array([self._world.noise[one] for one in items])
        places = [self._of(one) for one in items]
        slip, guess = noise.T
        p = self.expected()
        knows = (self._p @ self._known)[places]
        both = ((self._known * self._p[:, None]).T @ self._known[:, : len(p)])[places]
        left = np.zeros(len(items))
        for if_known, if_not in ((1.0 - slip, guess), (slip, 1.0 - guess)):
            answered = if_not + (if_known - if_not) * knows
            joint = if_not[:, None] * p + (if_known - if_not)[:, None] * both
            left += (joint - joint**2 / answered[:, None]) @ self._shares
        return items[int(left.argmin())]

    def learn(self, item_id: str, *, right: bool) -> None:
        slip, guess = self._world.noise[item_id]
        p_right = np.where(self._known[:, self._of(item_id)] > 0.0, 1.0 - slip, guess)
        self._p = self._p * (p_right if right else 1.0 - p_right)
        self._p /= self._p.sum()

    def _of(self, item_id: str) -> int:
        return self._place[self._world.curriculum.items[item_id].skills[0]]


def population(world: World) -> Array:
    """Return learners as the world draws them, shape (n_learners, n_wanted)."""
    rng = np.random.default_rng((world.seed, 10))
    drawn = [world.learner(rng) for _ in range(PARTICLES)]
    return np.array([[float(one[k.skill_id]) for k in world.about.wanted] for one in drawn])


def errors(
    world: World,
    examiner: Examiner,
    known: Known,
    order: Callable[[set[str]], str],
    rng: np.random.Generator,
) -> Array:
    """Return the squared errors after each question: targets', weighted, readiness'."""
    truth = np.array([float(known[target.skill_id]) for target in world.role.targets])
    shares, asked, found = world.about.shares(), set[str](), []
    for _ in range(MOST + 1):
        off = examiner.expected() - truth
        found.append(((off**2).mean(), shares @ off**2, (shares @ off) ** 2))
        item_id = order(asked)
        if not item_id:
            break
        asked.add(item_id)
        examiner.learn(item_id, right=world.answer(known, item_id, rng))
    found += [found[-1]] * (MOST + 1 - len(found))
    return np.array(found[: MOST + 1])


def lists(world: World, rng: np.random.Generator) -> dict[str, Callable[[set[str]], str]]:
    """Return the orders that do not look at answers."""
    shuffled = rng.permutation([item.item_id for item in world.about.items]).tolist()
    weight = {target.skill_id: target.weight for target in world.role.targets}
    on_targets = [item for item in world.about.items if item.skills[0] in weight]
    fixed = sorted(on_targets, key=lambda k: (k.item_id[-1], -weight[k.skills[0]], k.item_id))

    def from_list(ids: list[str]) -> Callable[[set[str]], str]:
        return lambda asked: next((one for one in ids if one not in asked), "")

    return {"random": from_list(shuffled), "fixed": from_list([one.item_id for one in fixed])}


def followed(
    make: Callable[[int], World],
    learners: int,
    examiner_of: Callable[[World], Callable[[], Examiner]],
) -> dict[str, Array]:
    """Follow every learner through every order, shape (n_learners, 1 + n_questions, 3) each."""
    places = [make(seed) for seed in range(CURRICULA)]
    examiners = [examiner_of(world) for world in places]
    squared: dict[str, list[Array]] = {"probe": [], "random": [], "fixed": []}
    for seed in range(learners):
        world, start = places[seed % CURRICULA], examiners[seed % CURRICULA]
        rng = np.random.default_rng(1000 + seed)
        known = world.learner(rng)
        orders = lists(world, rng)
        for name, found in squared.items():
            examiner = start()
            answers = np.random.default_rng(2000 + seed)
            order = orders.get(name, examiner.probe)
            found.append(errors(world, examiner, known, order, answers))
    return {name: np.array(found) for name, found in squared.items()}


def measured(
    name: str, make: Callable[[int], World], learners: int, others: int
) -> list[dict[str, Any]]:
    """Count the questions of every order in a world, with either tracer."""

    def all_knowing(world: World) -> Callable[[], Examiner]:
        drawn = population(world)
        return lambda: Oracle(world, drawn)

    def engine_with(tracer_of: Callable[[World], BKT]) -> Callable[[World], Callable[[], Examiner]]:
        def starting(world: World) -> Callable[[], Examiner]:
            tracer = tracer_of(world)
            return lambda: Engine(world, tracer)

        return starting

    possible = followed(make, learners, all_knowing)
    tracers = {
        "unfitted": lambda world: BKT(curriculum=world.curriculum),
        "fitted": lambda world: fitted(world, others),
    }
    rows = []
    for tracer, tracer_of in tracers.items():
        squared = followed(make, learners, engine_with(tracer_of))
        for column, of in enumerate(ERRORS):
            for after in AFTER:
                row: dict[str, Any] = {"world": name, "tracer": tracer, "of": of}
                row |= {"questions": after, **_counted(squared, column, after)}
                row["oracle"] = _counted(possible, column, after)["share_of_random"]
                rows.append(row | {"learners": learners})
    return rows


def _counted(squared: dict[str, Array], column: int, after: int) -> dict[str, float]:
    """Return the questions of every order for random's error, and the share with its interval."""
    of_error = {name: one[:, :, column] for name, one in squared.items()}
    n_learners = len(of_error["random"])
    rng = np.random.default_rng(0)

    def share(chosen: Any) -> tuple[dict[str, float], float, float]:
        error = {name: np.sqrt(one[chosen].mean(axis=0)) for name, one in of_error.items()}
        level = float(error["random"][after])
        counts = {name: _first(one, level) for name, one in error.items()}
        return counts, level, counts["probe"] / max(counts["random"], 1.0)

    counts, level, found = share(slice(None))
    drawn = [share(rng.integers(n_learners, size=n_learners))[2] for _ in range(RESAMPLED)]
    low, high = np.quantile(drawn, (0.025, 0.975), method="nearest")
    return {
        "error": level,
        **counts,
        "share_of_random": found,
        "low": float(low),
        "high": float(high),
    }


def _first(error: Array, level: float) -> float:
    """Return how many questions it takes until the error is no more than a level."""
    reached = np.flatnonzero(error <= level)
    return float(reached[0]) if len(reached) else float("inf")


def main() -> None:
    parser = options(__doc__, "20 learners of the first world, a tracer fitted to 60 others")
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--data", type=Path, help="a folder with a graph of concepts")
    asked = parser.parse_args()
    learners, others = (20, 60) if asked.small else (asked.learners, OTHERS)
    found = list(worlds(asked.data).items())[: 1 if asked.small else None]
    rows = [row for name, make in found for row in measured(name, make, learners, others)]
    print_rows(rows, COLUMNS)
    write_results(
        "quality_diagnosis",
        rows,
        small=asked.small,
        key=("world", "tracer", "of", "questions"),
        limits=LIMITS,
    )


if __name__ == "__main__":
    main()
