"""What others completed as a prior: ours against tag cosine, popularity and an item-item model.

Each world draws who completes what over a year. A learner's taste is their role's and their own; a
module's draw is what its tags tell (skills, format) and, in equal parts, what no tag tells, on top
of how popular it is. One module in five comes out after the first three quarters, at which the
completions are split: what was there before is warm, what came out later is cold. Every ranker
knows the completions before the split, and the tags of all modules, and ranks for each learner the
warm and the cold modules apart, those completed before left out. What counts is what the learner
completed after it: NDCG and recall at 10, the area under the ROC curve, and the share of modules
that are in anybody's first ten. Means over learners and worlds, with standard errors over worlds.

EASE is the closed-form item-item model of Steck (2019), "Embarrassingly shallow autoencoders for
sparse data"; it knows no module that nobody completed.

    python benchmarks/quality_recommender.py
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from reporting import Limit, options, print_rows, write_results
from scipy.stats import rankdata

from engine import Completion, Curriculum, Module, ModuleEffect, Role, SkillTarget
from engine.domain import Skill
from engine.recommender import CollaborativePrior
from engine.recommender.features import features_of_module, wanted_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FIGURES = ("auc", "ndcg_10", "recall_10", "coverage_10")
ABOVE = ("auc_above_tag_cosine", "auc_above_se")
LIMITS = {
    "auc": Limit("higher", by=0.03),
    "auc_above_tag_cosine": Limit("higher", by=0.03),
    "ndcg_10": Limit("higher", by=0.03),
}
LEARNERS, MODULES = 600, 400
SKILLS, ROLES, FORMATS, DEPTH = 60, 6, ("video", "lesson", "exercise", "project"), 6
LEVELS = ("Aware", "Working", "Fluent")
SPLIT = 0.75  # of the year
TOLD = 0.5  # of what draws learners to a module, by its tags
TOP = 10
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class World(NamedTuple):
    """Who completed what, and when in the year."""

    curriculum: Curriculum
    roles: tuple[Role, ...]
    role_of: dict[str, str]
    learner: NDArray[np.int64]
    module: NDArray[np.int64]
    when: Array
    cold: NDArray[np.bool_]


def world(seed: int) -> World:
    """Draw a world: what there is to learn, whom it draws, and a year of completions."""
    rng = np.random.default_rng(seed)
    of_skill, of_format = rng.normal(size=(SKILLS, DEPTH)), rng.normal(size=(4, DEPTH))
    wanted = [rng.choice(SKILLS, 12, replace=False) for _ in range(ROLES)]
    of_role = np.stack([of_skill[skills].mean(axis=0) for skills in wanted])
    modules, draw = catalogue(of_skill, of_format, rng)
    role = rng.integers(ROLES, size=LEARNERS)
    taste = 0.6 * (of_role / of_role.std())[role] + 0.8 * rng.normal(size=(LEARNERS, DEPTH))
    liking = taste @ draw.T / np.sqrt(DEPTH) + rng.normal(size=MODULES)  # the latter is popularity
    cold = rng.random(MODULES) < 0.2
    out = np.where(cold, rng.uniform(SPLIT, 0.95, MODULES), 0.0)
    curriculum = Curriculum.from_records(
        skills=[Skill(f"s{k}") for k in range(SKILLS)], modules=modules, scale=LEVELS
    )
    roles = tuple(
        Role(f"r{r}", tuple(SkillTarget(f"s{k}") for k in sorted(skills)))
        for r, skills in enumerate(wanted)
    )
    role_of = {f"l{one}": f"r{r}" for one, r in enumerate(role)}
    return World(curriculum, roles, role_of, *year(liking, out, rng), cold)


def catalogue(
    of_skill: Array, of_format: Array, rng: np.random.Generator
) -> tuple[list[Module], Array]:
    """Draw modules, and which tastes each of them appeals to, (n_modules, DEPTH)."""
    modules, told = [], np.zeros((MODULES, DEPTH))
    for m in range(MODULES):
        taught = rng.choice(SKILLS, rng.integers(1, 4), replace=False)
        form = rng.integers(4)
        effects = [ModuleEffect(f"s{k}", int(rng.integers(1, 4))) for k in taught]
        modules.append(Module(f"m{m:04d}", tuple(effects), 10.0, format=FORMATS[form]))
        told[m] = of_skill[taught].mean(axis=0) + 0.5 * of_format[form]
    untold = rng.normal(size=told.shape)
    return modules, np.sqrt(TOLD) * told / told.std() + np.sqrt(1.0 - TOLD) * untold


def year(
    liking: Array, out: Array, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Draw 10 to 50 completions per learner, each of what draws most of what is out by then."""
    rows = []
    for one, likes in enumerate(liking):
        done = np.zeros(len(out), np.bool_)
        for at in np.sort(rng.uniform(0.0, 1.0, rng.integers(10, 51))):
            keen = np.where(done | (out > at), -np.inf, 2.0 * likes + rng.gumbel(size=len(out)))
            chosen = int(keen.argmax())
            done[chosen] = True
            rows.append((one, chosen, at))
    learner, module, when = zip(*rows, strict=True)
    return np.array(learner), np.array(module), np.array(when)


def trained(told: World) -> NDArray[np.bool_]:
    """Return who had completed what at the split, shape (n_learners, n_modules)."""
    before = told.when < SPLIT
    seen = np.zeros((len(told.role_of), len(told.cold)), np.bool_)
    seen[told.learner[before], told.module[before]] = True
    return seen


def by_prior(told: World, seen: NDArray[np.bool_], **options: Any) -> Array:
    """Rank by ours, from the vectors that it exports."""
    modules = told.curriculum.module_list
    completions = [
        Completion(f"l{one}", modules[m].module_id, FIRST_DAY + timedelta(days=365 * at))
        for one, m, at in zip(told.learner, told.module, told.when, strict=True)
        if at < SPLIT
    ]
    prior = CollaborativePrior(**options).fit(
        completions, curriculum=told.curriculum, roles=told.roles, learner_roles=told.role_of
    )
    liking = CollaborativePrior.from_json(prior.to_json()).over(modules)
    return np.stack([liking(f"l{one}", told.role_of[f"l{one}"]) for one in range(len(seen))])


def by_tag_cosine(told: World, seen: NDArray[np.bool_]) -> Array:
    """Rank by the cosine of a module's tags with those of what the learner completed."""
    wanted = wanted_by(told.roles)
    tags = [features_of_module(one, wanted)[1:] for one in told.curriculum.module_list]
    place = {tag: i for i, tag in enumerate(sorted({tag for one in tags for tag in one}))}
    has = np.zeros((len(tags), len(place)))
    for m, one in enumerate(tags):
        has[m, [place[tag] for tag in one]] = 1.0
    has /= np.linalg.norm(has, axis=1, keepdims=True)
    profile = seen @ has
    return np.asarray(profile @ has.T)  # a learner's norm changes no order


def by_popularity(told: World, seen: NDArray[np.bool_]) -> Array:  # noqa: ARG001
    """Rank by how many completed a module."""
    return np.broadcast_to(seen.sum(axis=0).astype(np.float64), seen.shape)


def by_ease(told: World, seen: NDArray[np.bool_], weight: float = 100.0) -> Array:  # noqa: ARG001
    """Rank by EASE: regression of each module on all others, ridge, nothing on itself."""
    x = seen.astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + weight * np.eye(x.shape[1]))
    item_item = -inverse / np.diag(inverse)
    np.fill_diagonal(item_item, 0.0)
    return np.asarray(x @ item_item)


RANKERS: dict[str, Callable[[World, NDArray[np.bool_]], Array]] = {
    "collaborative prior": by_prior,
    "tag cosine": by_tag_cosine,
    "popularity": by_popularity,
    "EASE": by_ease,
}


def figures(score: Array, right: NDArray[np.bool_], open_to: NDArray[np.bool_]) -> Array:
    """Return the figures of one ranker over candidates, means over learners with something right.

    Equal scores count half in the area; in the first ten they stand in a random order.
    """
    rng, found, shown = np.random.default_rng(0), [], np.zeros(score.shape[1], np.bool_)
    for s, r, o in zip(score, right, open_to, strict=True):
        s, r, candidates = s[o], r[o], np.flatnonzero(o)
        order = np.lexsort((rng.random(len(s)), -s))[:TOP]
        shown[candidates[order]] = True
        if not r.any() or r.all():
            continue
        n, gains = int(r.sum()), r[order] / np.log2(np.arange(2, len(order) + 2))
        ideal = (1.0 / np.log2(np.arange(2, min(n, TOP) + 2))).sum()
        area = (rankdata(s)[r].sum() - n * (n + 1) / 2) / (n * (len(s) - n))
        found.append((area, gains.sum() / ideal, r[order].sum() / min(n, TOP)))
    return np.array([*np.mean(found, axis=0), shown.sum() / open_to.any(axis=0).sum()])


def measured(worlds: int) -> list[dict[str, Any]]:
    """Measure every ranker in every world, warm and cold modules apart."""
    found: dict[tuple[str, str], list[Array]] = {}
    for seed in range(worlds):
        told = world(seed)
        seen = trained(told)
        later = np.zeros_like(seen)
        later[told.learner, told.module] = True
        for name, ranker in RANKERS.items():
            score = ranker(told, seen)
            for part, which in (("warm", seen.any(axis=0)), ("cold", told.cold)):
                candidates = which & ~seen
                measures = figures(score, later & candidates, candidates)
                found.setdefault((part, name), []).append(measures)
    rows = []
    for (part, name), each in sorted(found.items(), reverse=True):
        row: dict[str, Any] = {"modules": part, "ranker": name, "worlds": worlds}
        for figure, values in zip(FIGURES, np.transpose(each), strict=True):
            row[figure], row[f"{figure}_se"] = mean_and_error(values)
        if name == "collaborative prior":
            above = np.array(each)[:, 0] - np.array(found[part, "tag cosine"])[:, 0]
            row["auc_above_tag_cosine"], row["auc_above_se"] = mean_and_error(above)
        rows.append(row)
    return rows


def mean_and_error(values: Array) -> tuple[float, float]:
    """Return the mean over worlds and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def main() -> None:
    parser = options(__doc__, "two worlds")
    parser.add_argument("--worlds", type=int, default=12)
    asked = parser.parse_args()
    rows = measured(2 if asked.small else asked.worlds)
    print_rows(rows, ("modules", "ranker", *FIGURES, "auc_se", *ABOVE))
    write_results(
        "quality_recommender", rows, small=asked.small, key=("modules", "ranker"), limits=LIMITS
    )


if __name__ == "__main__":
    main()
