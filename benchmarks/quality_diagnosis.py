"""How many questions it takes to know a learner's readiness, against random order and a fixed test.

Learners are drawn who know a skill only where they know what it requires; answers slip with .1 and
guess with .2. The same tracer and the same reading of the evidence follow each order of questions:
probes, a random order per learner, and a fixed test (targets by weight in turn, the same for all).
The error is the root mean square of the expected less the true attainment, over targets, alike or
by their weights, and learners; or that of readiness over learners. A question is counted until an
order first comes down to what the random one has after 10, 20, 30 and half of its questions.

    python benchmarks/quality_diagnosis.py --learners 40
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from engine import BKT, Curriculum, Item, KnowledgeState, Prerequisite, Response, Role, SkillTarget
from engine.domain import Skill
from engine.recommender.diagnosis import (
    Examination,
    examination,
    expected_attainment,
    next_probe,
)

SLIP, GUESS = 0.1, 0.2
LIMITS = {"share_of_random": Limit("lower", by=0.1)}
MOST = 120  # questions, in the largest of the worlds
ERRORS = ("targets", "weighted targets", "readiness")
Order = Callable[[KnowledgeState, set[str]], str]


def world(seed: int, n_skills: int = 30, per_skill: int = 4) -> tuple[Curriculum, Role]:
    """Return skills with Poisson(1.5) prerequisites each, items on all, and a role over a third."""
    rng = np.random.default_rng(seed)
    skills = [f"s{k:02d}" for k in range(n_skills)]
    edges = [
        Prerequisite(skills[k], skills[j])
        for k in range(1, n_skills)
        for j in sorted(rng.choice(k, size=min(k, rng.poisson(1.5)), replace=False))
    ]
    items = [Item(f"{one}-{k}", (one,)) for one in skills for k in range(per_skill)]
    targets = [SkillTarget(one, 1, float(rng.integers(1, 6))) for one in skills[2::3]]
    curriculum = Curriculum.from_records(
        skills=[Skill(one) for one in skills], items=items, prerequisites=edges
    )
    return curriculum, Role("role", tuple(targets))


def drawn_learner(about: Examination, rng: np.random.Generator) -> dict[str, bool]:
    """Draw what a learner knows: a skill with probability .8 where its prerequisites are known."""
    known: dict[str, bool] = {}
    for one in about.curriculum.framework.closure(about.wanted):
        required = about.curriculum.requirements(one)
        known[one.skill_id] = all(known[k.skill_id] for k in required) and rng.random() < 0.8
    return known


def errors(
    about: Examination, tracer: BKT, known: dict[str, bool], order: Order, rng: np.random.Generator
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the squared errors after each question: targets', weighted, readiness'."""
    truth = np.array([float(known[target.skill_id]) for target in about.role.targets])
    state, asked, found = KnowledgeState("learner"), set[str](), []
    for _ in range(len(about.items) + 1):
        off = expected_attainment(about, state, tracer) - truth
        shares = about.shares()
        found.append(((off**2).mean(), shares @ off**2, (shares @ off) ** 2))
        item_id = order(state, asked)
        if not item_id:
            break
        asked.add(item_id)
        knows = known[about.curriculum.items[item_id].skills[0]]
        right = rng.random() < (1.0 - SLIP if knows else GUESS)
        state = tracer.update(state, Response("learner", item_id, float(right)))
    found += [found[-1]] * (MOST + 1 - len(found))
    return np.array(found)


def orders(about: Examination, tracer: BKT, rng: np.random.Generator) -> dict[str, Order]:
    """Return the ways to choose the next question; an empty id ends the asking."""
    shuffled = rng.permutation([item.item_id for item in about.items]).tolist()
    weight = {target.skill_id: target.weight for target in about.role.targets}
    on_targets = [item for item in about.items if item.skills[0] in weight]
    fixed = [
        item.item_id
        for item in sorted(
            on_targets, key=lambda one: (one.item_id[-1], -weight[one.skills[0]], one.item_id)
        )
    ]

    def from_list(ids: list[str]) -> Order:
        return lambda _, asked: next((one for one in ids if one not in asked), "")

    return {
        "probe": lambda state, asked: next_probe(about, state, tracer, asked=asked).item_id,
        "random": from_list(shuffled),
        "fixed": from_list(fixed),
    }


def measured(learners: int) -> list[dict[str, Any]]:
    """Follow every learner through every order."""
    squared: dict[str, list[Any]] = {"probe": [], "random": [], "fixed": []}
    for seed in range(learners):
        curriculum, role = world(seed % 5)
        tracer, about = BKT(curriculum=curriculum), examination(curriculum, role)
        rng = np.random.default_rng(1000 + seed)
        known = drawn_learner(about, rng)
        for name, order in orders(about, tracer, rng).items():
            answers = np.random.default_rng(2000 + seed)
            squared[name].append(errors(about, tracer, known, order, answers))
    error = {name: np.sqrt(np.mean(one, axis=0)) for name, one in squared.items()}
    rows = []
    for column, of in enumerate(ERRORS):
        for n_random in (10, 20, 30, MOST // 2):
            level = float(error["random"][n_random, column])
            counts = {name: _first(one[:, column], level) for name, one in error.items()}
            share = counts["probe"] / max(counts["random"], 1.0)
            found = {"of": of, "questions": n_random, "error": level, **counts}
            rows.append({**found, "share_of_random": share, "learners": learners})
    return rows


def _first(error: Any, level: float) -> float:
    """Return how many questions it takes until the error is no more than a level."""
    reached = np.flatnonzero(error <= level)
    return float(reached[0]) if len(reached) else float("inf")


def main() -> None:
    parser = options(__doc__, "10 learners")
    parser.add_argument("--learners", type=int, default=40)
    asked = parser.parse_args()
    rows = measured(10 if asked.small else asked.learners)
    print_rows(rows, ("of", "error", "probe", "random", "fixed", "share_of_random", "learners"))
    write_results(
        "quality_diagnosis", rows, small=asked.small, key=("of", "questions"), limits=LIMITS
    )


if __name__ == "__main__":
    main()
