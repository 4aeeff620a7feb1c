"""What a key may be allowed to do."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["BINDING_SCOPES", "Scope"]


class Scope(StrEnum):
    """What a key allows; none includes another, and a key may have several.

    Examples
    --------
    >>> Scope("read-own") is Scope.READ_OWN
    True
    """

    WRITE_EVIDENCE = "write-evidence"  # record answers and completions, take them back
    READ_OWN = "read-own"  # everything about the one learner that the key is of
    READ_TEAM = "read-team"  # everything about the teams that the key is of, and their learners
    READ_ALL = "read-all"  # everything about every learner and team
    ADMINISTER = "administer"  # catalogue, roles, profiles, models; export and erasure
    READ_METRICS = "read-metrics"  # how the whole service is doing, all tenants together


BINDING_SCOPES = frozenset({Scope.READ_OWN, Scope.READ_TEAM})
"""The scopes of a key that is somebody's: of a learner, or of teams."""
