"""How strongly classes are drawn to what is usual: found again where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.knowledge_tracing.shrinkage import shrinkage_strength


def _events(strength: float, seed: int, seen: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Events of 3,000 classes around one fifth, of which the answers tell a share only."""
    rng = np.random.default_rng(seed)
    m, n = 0.2, rng.integers(1, 40, 3000)
    p = rng.beta(strength * m, strength * (1 - m), len(n))
    events = np.zeros((len(n), 3))
    for i, (count, chance) in enumerate(zip(n.tolist(), p.tolist(), strict=True)):
        happened = rng.random(count) < chance
        score = (happened - m) * (rng.random(count) < seen)  # what is not seen is as expected
        events[i] = score.sum() + count * m, count * (1 - m) - score.sum(), (score**2).sum()
    return events, np.full(len(n), m)


@pytest.mark.parametrize("strength", [2.0, 8.0, 30.0])
def test_the_strength_behind_the_classes_is_found_again(strength: float) -> None:
    assert shrinkage_strength(*_events(strength, seed=1)) == pytest.approx(strength, rel=0.15)


def test_events_seen_dimly_speak_for_the_same_strength() -> None:
    full, dim = (shrinkage_strength(*_events(8.0, seed=2, seen=one)) for one in (1.0, 0.5))
    assert dim == pytest.approx(8.0, rel=0.2)
    assert full == pytest.approx(8.0, rel=0.15)


def test_classes_that_differ_by_chance_alone_share_one_value() -> None:
    assert shrinkage_strength(*_events(1e6, seed=3)) > 150.0


def test_nothing_seen_is_no_reason_to_differ() -> None:
    assert shrinkage_strength(np.zeros((3, 3)), np.full(3, 0.2)) == 1000.0
    assert shrinkage_strength(np.zeros((0, 3)), np.zeros(0)) == 1000.0
