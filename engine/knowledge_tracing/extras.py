"""What a fit takes in beyond the skills' own responses, and the names of what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import Fault, InvalidInput
from .layout import Layout
from .lessons import Lessons
from .nodes import ByNode, Together
from .noise import Noise, noise_sources
from .refining import Refined, Refinement
from .revision import Revision
from .sequences import sequences_of
from .tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from ..domain.evidence import Completion
    from ..domain.framework import SkillLevel
    from ..domain.responses import ResponseLog
    from .chain import LevelChain
    from .compute import Passes
    from .fitted import Fitted
    from .options import BKTOptions

    Array = NDArray[np.float64]

__all__ = ["Extras"]


@dataclass(frozen=True)
class Extras:
    """A log laid out with classes of noise, completions and days, as the options ask for.

    Parameters
    ----------
    layout : Layout
    sources : tuple of str
        What guess and slip belong to, item ids or kinds; empty where it is the skill.
    lessons : Lessons or None
    exercised : tuple of SkillLevel, shape (n_levels,)
        What each row of the table of levels stands for.
    skill_ids : tuple of str, shape (n_skills,)
    """

    layout: Layout
    sources: tuple[str, ...]
    lessons: Lessons | None
    exercised: tuple[SkillLevel, ...]
    skill_ids: tuple[str, ...]

    @classmethod
    def of(
        cls,
        log: ResponseLog,
        chains: Mapping[str, LevelChain],
        options: BKTOptions,
        curriculum: Curriculum | None,
        completions: Iterable[Completion] | None,
    ) -> Extras:
        """Lay out a log; raise InvalidInput where it lacks what an option needs."""
        _check(log, options, curriculum)
        lessons = None if completions is None else Lessons.of(completions, log, curriculum, chains)
        sources, codes = noise_sources(log, options.noise, curriculum)
        layout = Layout.of(log, chains, source=codes, lessons=lessons, timed=options.fades)
        exercised = tuple(one for k in log.skill_ids for one in chains[k].skill_levels(k))
        return cls(layout, sources, lessons, exercised, log.skill_ids)

    def refine(
        self,
        theta: Array,
        pooled: Array,
        options: BKTOptions,
        passes: Passes,
        start: Fitted | None = None,
    ) -> Refined:
        """Fit everything at once, from the parameters of the levels and those of an earlier fit."""
        sequences = sequences_of(self.layout)
        expectations = (ByNode if any(options.spreads) else Together)(
            self.layout, sequences, passes
        )
        revision = Revision(
            self.layout,
            np.zeros(0) if self.lessons is None else self.lessons.declared,
            nodes=expectations.nodes,
            spreads=options.spreads,
            fades=options.fades,
            by_class=options.noise != "skill",
        )
        refinement = Refinement(expectations, revision, forgets=options.forgets)
        usual = refinement.usual(theta)
        begin = usual if start is None else self._begun(usual, start, options)
        return refinement.climb(usual, begin, pooled, options.max_iterations)

    def _begun(self, usual: Tables, start: Fitted, options: BKTOptions) -> Tables:
        """Return the usual tables with what an earlier fit has found of classes and all else."""
        noise, layout = usual.noise.copy(), self.layout
        for i, (source, row) in enumerate(
            zip(layout.noise_source, layout.noise_level, strict=True)
        ):
            known = start.noise.get(self.sources[source], {}) if source >= 0 else {}
            noise[i] = known.get(self.exercised[row], noise[i])
        decay = [start.decay.get(k, start.pooled_decay) * options.fades for k in self.skill_ids]
        names = () if self.lessons is None else self.lessons.effects
        effect = [
            start.effects.get(module_id, {}).get(reached, learn)
            for (module_id, reached), learn in zip(names, usual.effect.tolist(), strict=True)
        ]
        spread = np.where(np.array(start.spread) != 0.0, start.spread, usual.spread)
        spread *= options.spreads
        return Tables(usual.theta, noise, np.array(effect), np.array(decay), spread)

    def named(self, refined: Refined, log: ResponseLog) -> dict[str, Any]:
        """Return the refined parameters by the ids that they belong to, for :class:`Fitted`."""
        decay = dict(zip(log.skill_ids, refined.tables.decay.tolist(), strict=True))
        return {
            "noise": self._noise(refined.tables.noise),
            "effects": self._effects(refined.tables.effect),
            "decay": decay if any(decay.values()) else {},
            "pooled_decay": refined.pooled_decay,
            "spread": tuple(refined.tables.spread.tolist()),
        }

    def _noise(self, noise: Array) -> dict[str, dict[SkillLevel, Noise]]:
        found: dict[str, dict[SkillLevel, Noise]] = {}
        layout = self.layout
        of_class = zip(layout.noise_source.tolist(), layout.noise_level.tolist(), strict=True)
        for (source, row), (guess, slip) in zip(of_class, noise.tolist(), strict=True):
            if source >= 0 and self.sources[source]:
                found.setdefault(self.sources[source], {})[self.exercised[row]] = Noise(guess, slip)
        return found

    def _effects(self, effect: Array) -> dict[str, dict[SkillLevel, float]]:
        found: dict[str, dict[SkillLevel, float]] = {}
        names = () if self.lessons is None else self.lessons.effects
        for (module_id, reached), learn in zip(names, effect.tolist(), strict=True):
            found.setdefault(module_id, {})[reached] = learn
        return found


def _check(log: ResponseLog, options: BKTOptions, curriculum: Curriculum | None) -> None:
    faults = []
    if options.fades and log.answered_at is None:
        problem = 'is missing, and forget="time" needs to know when answers were given'
        remedy = 'name the column, or take forget="opportunity"'
        faults.append(Fault("answered_at", problem, remedy))
    if options.noise == "kind" and curriculum is None:
        problem = 'noise="kind" needs to know the kind of each item'
        faults.append(Fault("items", problem, "give the model a curriculum"))
    if faults:
        raise InvalidInput("response log", faults)
