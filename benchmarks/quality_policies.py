"""How soon learners are ready for a role under our policies, others' rules, and an oracle.

In each of three worlds that the engine does not share (:mod:`worlds`), per seed one curriculum, one
role, and one tracer fitted to the answers and completions of people who studied before; then the
same learners under every policy. All begin with two answers on each skill of the role, and answer
four items after every module, a minute each. Time counts until at least nine tenths of the role's
targets, by weight, are truly known; whoever is not ready after all the minutes counts with all of
them. Readiness at fixed minutes is the true one. Intervals are the central 95% of a t-distribution
over seeds; those of ratios, of their linearised form, so what makes a seed hard for everybody
does not widen them.

A module that is chosen while the estimate of one of its direct prerequisites is below the threshold
of .8 counts as a violation; one that is chosen while a prerequisite is truly not known counts as
premature, which no estimate can prevent altogether. A policy of ours that has nothing more to
offer, because all seems mastered and is not, is followed by the curriculum in its order: those
minutes count, violations among them are not its own.

    python benchmarks/quality_policies.py --learners 20
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from reporting import Limit, options, print_rows, write_results
from rules import PEERS, Peer, Scope, in_order, oracle
from scipy import stats
from world import READY, Array, Learner, World
from worlds import WORLDS

from engine import (
    Completion,
    KnowledgeState,
    PathPlanner,
    Response,
    ResponseLog,
    SkillLevel,
    StepTracing,
)
from engine.recommender import Policy, RoleMap, Situation, decide, role_map
from engine.recommender.policies import Cautious, Greedy, Pursue

MARKS = (150, 300, 600)
MOST_MINUTES = 3000.0
THRESHOLD = 0.8
PLACEMENT, QUIZ = 2, 4  # answers on each skill of the role beforehand, and after each module
ORACLE = "oracle"
LIMITS = {"violations": Limit("lower"), "of_order": Limit("lower", by=0.5)}
OURS: tuple[Policy, ...] = (Pursue(), Greedy(), Cautious())  # the default first


@dataclass
class Room:
    """One seed of a world: what everybody in it has in common."""

    world: World
    scope: Scope
    planner: PathPlanner
    where: RoleMap


@dataclass
class Run:
    """One learner under one policy: the truth, the estimate of it, and what happened."""

    room: Room
    learner: Learner
    state: KnowledgeState
    rng: np.random.Generator
    last: int = -1
    modules: int = 0
    unmet: bool = False
    violations: int = 0
    premature: int = 0
    curve: list[tuple[float, float]] = field(default_factory=list)

    @property
    def p(self) -> Array:
        """The attainment of every skill now, as the tracer sees it."""
        wanted = [SkillLevel(one) for one in self.room.world.skills]
        p = self.room.planner.tracer.attainment(self.state, wanted, at=self.learner.now)
        return np.clip(np.asarray(p, np.float64), 1e-6, 1.0 - 1e-6)

    def ask(self, item_id: str) -> None:
        """Let the learner answer an item; the tracer sees whether rightly."""
        right = self.room.world.answer(self.learner, item_id, self.rng)
        tracer: Any = self.room.planner.tracer
        response = Response(self.learner.learner_id, item_id, float(right), self.learner.now)
        self.state = tracer.update(self.state, response)

    def take(self, m: int) -> None:
        """Let the learner take a module and answer items on what it declares to teach."""
        world, tracer = self.room.world, self.room.planner.tracer
        k, module_id = self.room.scope.skill_of[m], world.curriculum.module_list[m].module_id
        needs = world.needs[k]
        self.unmet = bool(needs) and float(np.min(self.p[needs])) < THRESHOLD
        self.premature += bool(needs) and not world.attained(self.learner)[needs].all()
        world.study(self.learner, module_id, self.rng)
        completion = Completion(self.learner.learner_id, module_id, self.learner.now)
        self.state = tracer.complete(self.state, completion)  # type: ignore[attr-defined]
        for n in self.rng.choice(8, QUIZ, replace=False):
            self.ask(f"{world.skills[k]}-{n}")
        self.last, self.modules = m, self.modules + 1

    def note(self) -> float:
        """Write down the true readiness now, and return it."""
        ready = self.room.world.readiness(self.learner)
        self.curve.append((self.learner.minutes, ready))
        return ready

    @property
    def minutes_until_ready(self) -> float:
        """When the learner was first ready, or all the minutes."""
        return next((at for at, ready in self.curve if ready >= READY), MOST_MINUTES)

    def readiness_at(self, minutes: float) -> float:
        """Return the true readiness after so many minutes; that reached in the end if before."""
        return [ready for at, ready in self.curve if at <= minutes][-1]


Step = Callable[[Run], bool]
"""What a policy does next; False where it has nothing to offer."""


def by_peer(peer: Peer) -> Step:
    def step(run: Run) -> bool:
        run.take(peer(run.room.scope, run.p, run.learner.taken, run.last, run.rng))
        run.violations += run.unmet
        return True

    return step


def by_oracle(run: Run) -> bool:
    m = oracle(run.room.world, run.learner)
    if m >= 0:
        run.take(m)
    return m >= 0


def by_ours(policy: Policy) -> Step:
    """Do what a policy of the engine chooses, or else take the curriculum in its order."""

    def step(run: Run) -> bool:
        room = run.room
        situation = Situation(room.where, run.state, room.planner.tracer, at=run.learner.now)
        made = decide(policy, situation, request_key=str(run.learner.minutes))
        if not made.chosen:
            run.take(in_order(room.scope, run.p, run.learner.taken, run.last, run.rng))
        elif made.kind == "item":
            run.ask(made.chosen)
        else:
            run.take(room.world.number[made.chosen])
            run.violations += run.unmet
        return True

    return step


STEPS: dict[str, Step] = {
    **{policy.name: by_ours(policy) for policy in OURS},
    **{name: by_peer(peer) for name, peer in PEERS.items()},
    ORACLE: by_oracle,
}


def room_of(kind: type[World], seed: int, people: int) -> Room:
    """Draw a world, and fit a tracer to people who studied there before."""
    world = kind(seed)
    responses, completions = history(world, people, np.random.default_rng([seed, 1]))
    tracer = StepTracing(curriculum=world.curriculum)
    tracer.fit(ResponseLog.from_records(responses), completions=completions)
    planner = PathPlanner(tracer=tracer, curriculum=world.curriculum)
    return Room(world, Scope(world), planner, role_map(world.curriculum, world.role))


def history(
    world: World, people: int, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], list[Completion]]:
    """Let people study before: answers on half of the skills, then 30 modules.

    Half of them take the curriculum from some skill on, half take any modules.
    """
    responses: list[dict[str, Any]] = []
    completions: list[Completion] = []
    n_skills, n_modules = len(world.skills), len(world.teaches)
    for n in range(people):
        learner = world.newcomer(f"before-{n}", rng)

        def answer(k: int, learner: Learner = learner) -> None:
            item_id = f"{world.skills[k]}-{rng.integers(8)}"
            right = world.answer(learner, item_id, rng)
            responses.append(
                {
                    "learner": learner.learner_id,
                    "item": item_id,
                    "skills": world.skills[k],
                    "correct": float(right),
                    "answered_at": learner.now,
                }
            )

        for k in rng.choice(n_skills, n_skills // 2, replace=False):
            answer(int(k))
        first = int(rng.integers(n_modules))
        some = rng.choice(n_modules, 30, replace=False)
        for m in some if n % 2 else [(first + i) % n_modules for i in range(30)]:
            module = world.curriculum.module_list[int(m)]
            world.study(learner, module.module_id, rng)
            completions.append(Completion(learner.learner_id, module.module_id, learner.now))
            for _ in range(QUIZ):
                answer(world.skills.index(module.teaches[0].skill_id))
    return responses, completions


def followed(room: Room, step: Step, seed: int, n: int) -> Run:
    """Let one learner study under a policy until they are ready or the minutes are over."""
    rng = np.random.default_rng([seed, 2, n])
    learner = room.world.newcomer(f"learner-{n}", rng)
    run = Run(room, learner, KnowledgeState(learner.learner_id), rng)
    for k in room.scope.skills:
        for n_item in rng.choice(8, PLACEMENT, replace=False):
            run.ask(f"{room.world.skills[k]}-{n_item}")
    learner.minutes = 0.0
    run.note()
    while run.note() < READY and learner.minutes < MOST_MINUTES:
        if not step(run):
            break
    return run


class Outcome(NamedTuple):
    """What came of one learner under one policy; a row of numbers."""

    minutes: float
    readiness: tuple[float, ...]  # after each of the marks
    ready: bool
    violations: int
    premature: int
    modules: int

    @classmethod
    def of(cls, run: Run) -> Outcome:
        at_marks = tuple(run.readiness_at(mark) for mark in MARKS)
        ready = run.curve[-1][1] >= READY
        minutes = run.minutes_until_ready
        return cls(minutes, at_marks, ready, run.violations, run.premature, run.modules)


Outcomes = dict[str, list[Outcome]]
"""By policy, one learner after the other."""


def outcomes(kind: type[World], seed: int, learners: int, people: int) -> Outcomes:
    """Return what comes of the same learners in one world's seed under every policy."""
    room = room_of(kind, seed, people)
    return {
        name: [Outcome.of(followed(room, step, seed, n)) for n in range(learners)]
        for name, step in STEPS.items()
    }


def measured(kind: type[World], seeds: Sequence[Outcomes]) -> list[dict[str, Any]]:
    """Return one row per policy of one world."""
    order = _means(seeds, "curriculum order", lambda one: one.minutes)
    seen = [_means(seeds, ORACLE, _ready_after(i)) for i in range(len(MARKS))]
    rows = []
    for name in STEPS:
        minutes = _means(seeds, name, lambda one: one.minutes)
        everybody = [one for by_policy in seeds for one in by_policy[name]]
        row: dict[str, Any] = {
            "world": kind.name,
            "policy": name,
            **_interval("minutes", minutes),
            **_ratio("of_order", minutes, order),
            "ready": float(np.mean([one.ready for one in everybody])),
            "unmet": sum(one.violations for one in everybody),
            "premature": sum(one.premature for one in everybody)
            / max(1, sum(one.modules for one in everybody)),
        }
        for i, mark in enumerate(MARKS):
            after = _means(seeds, name, _ready_after(i))
            row |= _interval(f"at_{mark}", after)
            row |= _ratio(f"of_oracle_at_{mark}", after, seen[i])
        rows.append(row)
    return rows


def _ready_after(i: int) -> Callable[[Outcome], float]:
    return lambda one: one.readiness[i]


def _means(seeds: Sequence[Outcomes], name: str, of: Callable[[Outcome], float]) -> Array:
    """Return the mean over learners per seed."""
    return np.array([np.mean([of(one) for one in by_policy[name]]) for by_policy in seeds])


def _interval(name: str, values: Array) -> dict[str, float]:
    """Return the mean over seeds and half the width of its 95% interval."""
    return {name: float(values.mean()), f"{name}_half": _half(values)}


def _ratio(name: str, values: Array, others: Array) -> dict[str, float]:
    """Return the ratio of two means over the same seeds and half the width of its 95% interval."""
    ratio = float(values.mean() / others.mean())
    return {name: ratio, f"{name}_half": _half((values - ratio * others) / others.mean())}


def _half(values: Array) -> float:
    return float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))


def verdicts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hold our policies against the bars, world by world."""
    found = []
    for name in dict.fromkeys(row["world"] for row in rows):
        by = {row["policy"]: row for row in rows if row["world"] == name}
        best = min(PEERS, key=lambda one: by[one]["minutes"])
        for policy in OURS:
            ours = by[policy.name]
            held = ["of_order", *(f"of_oracle_at_{mark}" for mark in MARKS)]
            found.append(
                {
                    "world": name,
                    "policy": policy.name,
                    "best_peer": best,
                    "of_best_peer": float(ours["minutes"] / by[best]["minutes"]),
                    **{key: ours[key] for one in held for key in (one, f"{one}_half")},
                    "violations": ours["unmet"],
                }
            )
    return found


def main() -> None:
    parser = options(__doc__, "3 seeds of 1 learner each")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--learners", type=int, default=2, help="per seed and policy")
    parser.add_argument("--people", type=int, default=100, help="who studied before, per seed")
    asked = parser.parse_args()
    seeds, learners = (3, 1) if asked.small else (max(2, asked.seeds), asked.learners)
    with ProcessPoolExecutor() as pool:
        coming = {
            kind: [
                pool.submit(outcomes, kind, seed, learners, asked.people) for seed in range(seeds)
            ]
            for kind in WORLDS
        }
        found = {kind: [one.result() for one in of_seeds] for kind, of_seeds in coming.items()}
    rows = [row for kind, of_seeds in found.items() for row in measured(kind, of_seeds)]
    print_rows(rows, list(rows[0]))
    print()
    held = verdicts(rows)
    print_rows(held, list(held[0]))
    key = ("kind", "world", "policy")
    told = [{"kind": "measured", **row} for row in rows]
    told += [{"kind": "against the bars", **row} for row in held]
    write_results("quality_policies", told, small=asked.small, key=key, limits=LIMITS)


if __name__ == "__main__":
    main()
