"""Microseconds to rank one learner's modules by the index of a role, and seconds for many learners.

    python benchmarks/speed_ranking.py [--small] [--learners 100000]

Per size of the catalogue: building the role's index (once for all learners), the ten best modules
of one learner by the index and by a scan of everything (the same answer, checked), and where
LightFM can be imported its `predict` on as many items and dimensions of 32. The ways take turns of
ten learners each; medians are reported, for what else runs on the machine comes in bursts. The
first learner of each turn is told apart: it finds the processor's caches filled by the other ways.
Attainments are drawn from Beta(.7, .7), so that most skills are either known or not.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from engine import Curriculum, Module, Prerequisite, Role, SkillTarget
from engine.domain import ModuleEffect, Skill
from engine.recommender import RankingIndex, ranking_index, role_map

_TURN = 10  # learners
LIMITS = {
    "times_faster": Limit("higher", times=2.0),
    "times_faster_than_lightfm": Limit("higher", times=2.0),
}
COLUMNS = (
    "modules",
    "skills",
    "build_seconds",
    "best_p50_us",
    "best_p95_us",
    "best_first_p50_us",
    "scan_p50_us",
    "times_faster",
    "lightfm_p50_us",
    "times_faster_than_lightfm",
    "learners",
    "batch_seconds",
)


def world(n_modules: int, n_skills: int, seed: int = 0) -> tuple[Curriculum, Role]:
    """Return modules that teach one skill, or one time in eight two, and a role over all skills.

    A skill has Poisson(1.5) prerequisites among those before it; minutes are from 3 to 25, P(T)
    from .3 to .7, weights from 1 to 5.
    """
    rng = np.random.default_rng(seed)
    skills = [f"s{k:04d}" for k in range(n_skills)]
    edges = [
        Prerequisite(skills[k], skills[j])
        for k in range(1, n_skills)
        for j in sorted(rng.choice(k, size=min(k, rng.poisson(1.5)), replace=False))
    ]
    modules = []
    for m in range(n_modules):
        taught = {int(rng.integers(n_skills))}
        if rng.random() < 0.125:
            taught.add(int(rng.integers(n_skills)))
        effects = tuple(
            ModuleEffect(skills[k], 1, float(rng.uniform(0.3, 0.7))) for k in sorted(taught)
        )
        modules.append(Module(f"m{m:06d}", effects, float(rng.integers(3, 26))))
    targets = [SkillTarget(one, 1, float(rng.integers(1, 6))) for one in skills]
    curriculum = Curriculum.from_records(
        skills=[Skill(one) for one in skills], modules=modules, prerequisites=edges
    )
    return curriculum, Role("role", tuple(targets))


def drawn(index: RankingIndex, n_learners: int, seed: int = 1) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).beta(0.7, 0.7, size=(n_learners, len(index.columns)))


def timed(ask: Any) -> tuple[Any, float]:
    started = perf_counter()
    answer = ask()
    return answer, 1e6 * (perf_counter() - started)


def measured(n_modules: int, n_skills: int, rounds: int, n_batch: int) -> dict[str, Any]:
    """Time the index against the scan, and a batch of learners where one is asked for."""
    curriculum, role = world(n_modules, n_skills)
    index, build_us = timed(lambda: ranking_index(role_map(curriculum, role)))
    peer = lightfm_predict(n_modules)
    ways = {"best": index.best, "scan": index.scan} | ({"lightfm": peer} if peer else {})
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in drawn(index, rounds).reshape(-1, _TURN, 1, len(index.columns)):
        answers = {name: [timed(lambda: way(p)) for p in turn] for name, way in ways.items()}  # noqa: B023
        for (best, _), (scan, _) in zip(answers["best"], answers["scan"], strict=True):
            assert (best.numbers == scan.numbers).all()
            assert (best.scores == scan.scores).all()
        for name, told in answers.items():
            times[name] += [us for _, us in told]
    batch = drawn(index, n_batch) if n_batch else None
    seconds = timed(lambda: index.best(batch, threads=2))[1] / 1e6 if n_batch else None
    middle = {name: float(np.median(one)) for name, one in times.items() if one}
    return {
        "modules": n_modules,
        "skills": n_skills,
        "build_seconds": build_us / 1e6,
        "best_p50_us": middle["best"],
        "best_p95_us": float(np.percentile(times["best"], 95)),
        "best_first_p50_us": float(np.median(times["best"][::_TURN])),
        "scan_p50_us": middle["scan"],
        "times_faster": middle["scan"] / middle["best"],
        "lightfm_p50_us": middle.get("lightfm"),
        "times_faster_than_lightfm": middle["lightfm"] / middle["best"] if peer else None,
        "learners": n_batch or None,
        "batch_seconds": seconds,
    }


def lightfm_predict(n_items: int) -> Any:
    """Return LightFM's predict for one user and all items, or None where it is not installed."""
    try:
        from lightfm import LightFM
        from scipy.sparse import coo_matrix
    except ImportError:
        return None
    model = LightFM(no_components=32, random_state=0)
    rng = np.random.default_rng(0)
    users, items = rng.integers(50, size=2000), rng.integers(n_items, size=2000)
    model.fit(coo_matrix((np.ones(2000), (users, items)), shape=(50, n_items)), epochs=1)
    wanted = np.arange(n_items, dtype=np.int32)
    return lambda _learner: model.predict(0, wanted)


def main() -> None:
    parser = options(__doc__, "up to 10,000 modules, few rounds")
    parser.add_argument("--learners", type=int, default=100_000, help="ranked together")
    given = parser.parse_args()
    sizes = [(1_000, 200), (10_000, 200)]
    if not given.small:
        sizes += [(10_000, 2_000), (100_000, 200)]
    rounds, batch = (30, 2_000) if given.small else (300, given.learners)
    rows = [measured(n, k, rounds, batch if (n, k) == (10_000, 200) else 0) for n, k in sizes]
    print_rows(rows, COLUMNS)
    write_results(
        "speed_ranking", rows, small=given.small, key=("modules", "skills"), limits=LIMITS
    )


if __name__ == "__main__":
    main()
