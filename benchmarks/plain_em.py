"""Expectation-maximisation for classical BKT in plain numpy: what speed is measured against.

Baum–Welch (Rabiner 1989, sec. III) for two states without forgetting, all learners side by side,
the longest first. It is written for nothing but to stay as it is: a unit of work that means the
same on every machine and in every version of Attain. Over a thousand answers of one learner it
loses precision (it takes P(unknown) from 1): of such logs compare the others with each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["PlainEM"]

Array = NDArray[np.float64]


class PlainEM:
    """The answers of one skill, laid out by opportunity.

    Parameters
    ----------
    correct : ndarray of int, shape (n_responses,)
        0 or 1, learner by learner in time order.
    lengths : ndarray of int, shape (n_learners,)
    """

    def __init__(self, correct: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        order = np.argsort(-lengths, kind="stable")
        first = (np.cumsum(lengths) - lengths)[order]
        alive = [int((lengths > t).sum()) for t in range(int(np.max(lengths)))]
        self.right = [correct[first[:n] + t].astype(np.float64) for t, n in enumerate(alive)]

    def climb(self, theta: Array, iterations: int) -> Array:
        """Return prior, learn, guess and slip after so many iterations from `theta`."""
        for _ in range(iterations):
            theta = self.step(theta)[0]
        return theta

    def step(self, theta: Array) -> tuple[Array, float]:
        """Return the parameters after one iteration, and the log-likelihood before it."""
        prior, learn, guess, slip = theta
        known, likelihood, scale = self._forward(prior, learn, guess, slip)
        beta0, beta1 = np.ones_like(known[-1]), np.ones_like(known[-1])
        learned = stayed = guessed = missed = slipped = reached = 0.0
        for t in range(len(known) - 1, -1, -1):
            gamma = known[t] * beta1
            unknown = (1.0 - known[t]) * beta0
            guessed += float((unknown * self.right[t]).sum())
            missed += float(unknown.sum())
            slipped += float((gamma * (1.0 - self.right[t])).sum())
            reached += float(gamma.sum())
            if t:
                n = len(known[t])
                f0, f1 = likelihood[t][0] * beta0 / scale[t], likelihood[t][1] * beta1 / scale[t]
                before = 1.0 - known[t - 1][:n]
                learned += float((before * learn * f1).sum())
                stayed += float((before * (1.0 - learn) * f0).sum())
                beta0, beta1 = np.ones_like(known[t - 1]), np.ones_like(known[t - 1])
                beta0[:n], beta1[:n] = (1.0 - learn) * f0 + learn * f1, f1
        started = float((known[0] * beta1).mean())
        found = [started, learned / (learned + stayed), guessed / missed, slipped / reached]
        return np.array(found), float(sum(np.log(one).sum() for one in scale))

    def log_likelihood(self, theta: Array) -> float:
        """Return log P(answers | theta)."""
        return float(sum(np.log(one).sum() for one in self._forward(*theta)[2]))

    def _forward(
        self, prior: float, learn: float, guess: float, slip: float
    ) -> tuple[list[Array], list[tuple[Array, Array]], list[Array]]:
        """Return P(known | answers so far), both likelihoods of each answer, and its chance."""
        known: list[Array] = []
        likelihood: list[tuple[Array, Array]] = []
        scale: list[Array] = []
        p = np.full(len(self.right[0]), prior)
        for right in self.right:
            p = p[: len(right)]
            b0 = right * guess + (1.0 - right) * (1.0 - guess)
            b1 = right * (1.0 - slip) + (1.0 - right) * slip
            joint = p * b1
            chance = joint + (1.0 - p) * b0
            known.append(joint / chance)
            likelihood.append((b0, b1))
            scale.append(chance)
            p = known[-1] + (1.0 - known[-1]) * learn
        return known, likelihood, scale
