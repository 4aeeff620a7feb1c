"""What a fit says about itself: per skill how it converged, and what to be wary of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["FitReport", "SkillFit"]


@dataclass(frozen=True, slots=True)
class SkillFit:
    """How the fit of one skill went.

    Parameters
    ----------
    n_responses, n_learners : int
        The evidence behind the skill.
    iterations : int
        Passes of expectation-maximisation over the skill's responses, those of the chosen restart.
    objective : float
        The penalised log-likelihood reached, in nats.
    trace : tuple of float
        The objective before each of those passes; with several skills on an item the evidence
        itself is re-credited between rounds, and the trace is that of the last round.
    converged : bool
    warnings : tuple of str
        Sentences such as ``"slip of level 1 is at its bound"``.
    """

    n_responses: int
    n_learners: int
    iterations: int
    objective: float
    trace: tuple[float, ...]
    converged: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FitReport(Mapping[str, SkillFit]):
    """How a fit went: a mapping of skill to :class:`SkillFit`.

    Parameters
    ----------
    skills : mapping of str to SkillFit

    Examples
    --------
    >>> fit = SkillFit(50, 9, 12, -31.4, (-40.0, -31.4), True, ("few responses",))
    >>> report = FitReport({"sql": fit})
    >>> report.converged, report["sql"].iterations
    (True, 12)
    >>> report.warnings
    ('sql: few responses',)
    """

    skills: Mapping[str, SkillFit]

    def __getitem__(self, skill_id: str) -> SkillFit:
        return self.skills[skill_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.skills)

    def __len__(self) -> int:
        return len(self.skills)

    @property
    def converged(self) -> bool:
        """Whether every skill converged."""
        return all(fit.converged for fit in self.skills.values())

    @property
    def objective(self) -> float:
        """The sum of the skills' penalised log-likelihoods, in nats."""
        return sum(fit.objective for fit in self.skills.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Every warning, with its skill."""
        return tuple(f"{k}: {text}" for k, fit in self.skills.items() for text in fit.warnings)
