"""Knowledge in small steps: a hidden Markov model between two states and a continuous ability.

What is hidden is how many of the steps to a skill have been climbed (`grid`), one learner is
followed answer by answer (`tracer`, over what `binding` looks up), and a log is learned from by
expectation-maximisation over all chains of a learner and a skill (`chains`, `passes`, `fitting`).
"""

from .tracer import StepTracing

__all__ = ["StepTracing"]
