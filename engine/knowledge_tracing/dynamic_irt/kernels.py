"""The passes of :mod:`.passes` and :mod:`.bulk_passes`, compiled by numba.

Imported only when numba is there. The functions themselves are those of the reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

import numba
from numba.extending import register_jitable

from . import abilities, bulk_passes, filtering, gathering, passes, quantities

__all__ = ["calibrate", "count", "fold", "gather", "replay"]

_STEPS = (
    filtering.normal_cdf,
    filtering.kept_between,
    filtering.surprise,
    filtering.wait,
    filtering.age,
    filtering.expect,
    filtering.absorb,
    filtering.remember,
    filtering.fresh_learner,
    filtering.fresh_skill,
    quantities.describe,
    abilities.ability,
    abilities.p_above,
    bulk_passes.quantile_below,
    bulk_passes.quantile,
    bulk_passes.shift,
    bulk_passes.count,
    bulk_passes.fold,
    passes.credit,
    passes.calibrate,
    passes.replay,
    gathering.invert,
    gathering.gather,
)


def _fingerprint() -> int:
    """Return a number that changes when a step does; numba's own cache sees one file only."""
    code = [step.__code__ for step in _STEPS]
    return crc32(repr([(one.co_code, one.co_names, repr(one.co_consts)) for one in code]).encode())


def _compiled(pass_: Callable[..., Any]) -> Callable[..., Any]:
    fingerprint = _FINGERPRINT

    def kernel(*arguments: Any) -> None:
        if fingerprint >= 0:  # a closed-over value is part of the cache's key
            pass_(*arguments)

    kernel.__qualname__ = f"{pass_.__name__}_kernel"
    compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True, error_model="numpy")(kernel)
    return compiled


_FINGERPRINT = _fingerprint()
for _step in _STEPS:
    register_jitable(error_model="numpy")(_step)

calibrate = _compiled(passes.calibrate)
count = _compiled(bulk_passes.count)
fold = _compiled(bulk_passes.fold)
replay = _compiled(passes.replay)
gather = _compiled(gathering.gather)
