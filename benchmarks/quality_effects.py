"""What a log tells of what modules teach, in worlds that the engine does not share.

In each of the worlds of :mod:`worlds` people study as in `quality_policies`, and `StepTracing` is
fitted to their answers and completions; 0 people is what modules declare. What it says each module
teaches is held against what the module truly teaches of what it declares to: how the two correlate,
how often the quickest of a skill's three modules is the one that seems so, and how many times the
minutes of the quickest one that seems so takes. Quick is what lowers the logarithm of what is
missing by most per minute, with the questions after the module. Of ranks and of ratios within a
world, since a share of a world's own dynamics is not a share of steps.

    python benchmarks/quality_effects.py --people 0 100 300 1000
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from quality_policies import QUIZ, history
from reporting import Limit, options, print_rows, write_results
from world import Array, World
from worlds import WORLDS

from engine import ResponseLog, StepTracing

LIMITS = {"correlation": Limit("higher", by=0.05), "slower": Limit("lower", by=0.3)}


def told(world: World, seed: int, people: int) -> Array:
    """Return what each module seems to teach, after people studied or as declared."""
    modules = world.curriculum.module_list
    if not people:
        return np.array([module.teaches[0].learn for module in modules])
    responses, completions = history(world, people, np.random.default_rng([seed, 1]))
    tracer = StepTracing(curriculum=world.curriculum)
    effects = tracer.fit(ResponseLog.from_records(responses), completions=completions).effects_
    return np.array([effects[one.module_id][one.teaches[0].reached] for one in modules])


def truth(world: World) -> Array:
    """Return what each module truly teaches of the skill that it declares."""
    own = [world.skills.index(m.teaches[0].skill_id) for m in world.curriculum.module_list]
    pairs = zip(own, world.teaches, strict=True)
    return np.array([sum(share for k, share in teaches if k == one) for one, teaches in pairs])


def compared(world: World, seed: int, people: int) -> dict[str, float]:
    """Hold what modules seem to teach against what they teach."""
    seems, true = told(world, seed, people), truth(world)
    pace, true_pace = (_pace(world, one).reshape(len(world.skills), -1) for one in (seems, true))
    chosen = pace.argmax(axis=1)
    best = true_pace.max(axis=1)
    slower = best / true_pace[np.arange(len(chosen)), chosen]
    return {
        "correlation": float(np.corrcoef(seems, true)[0, 1]),
        "quickest": float((slower == 1.0).mean()),
        "slower": float(slower.mean()),
    }


def _pace(world: World, shares: Array) -> Array:
    pace: Array = -np.log1p(-np.clip(shares, 0.0, 0.97)) / (world.minutes + QUIZ)
    return pace


def measured(kind: type[World], people: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Return the means over seeds."""
    found = [compared(kind(seed), seed, people) for seed in seeds]
    means = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    return {"world": kind.name, "people": people, "seeds": len(seeds), **means}


def main() -> None:
    """Measure each world with each number of people, print the table and write it down."""
    parser = options(__doc__, "2 seeds, of 0 and 100 people")
    parser.add_argument("--people", type=int, nargs="+", default=[0, 100, 300])
    parser.add_argument("--seeds", type=int, default=6)
    asked = parser.parse_args()
    people, seeds = ([0, 100], range(2)) if asked.small else (asked.people, range(asked.seeds))
    rows = [measured(kind, n, seeds) for kind in WORLDS for n in people]
    print_rows(rows, list(rows[0]))
    write_results(
        "quality_effects", rows, small=asked.small, key=("world", "people"), limits=LIMITS
    )


if __name__ == "__main__":
    main()
