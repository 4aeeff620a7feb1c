"""Learners and roles to choose from, as view values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.recommender import next_rung

from . import wording

if TYPE_CHECKING:
    from engine.domain import Role

    from ..records import LearnerProfile

__all__ = [
    "LearnerList",
    "LearnerRow",
    "ProfileView",
    "RoleChoice",
    "learner_list",
    "person",
    "profile_view",
    "role_choices",
]


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner to choose."""

    label: str
    learner_id: str
    href: str
    team: str
    team_href: str
    role: str


@dataclass(frozen=True, slots=True)
class LearnerList:
    """A page of learners, and where the others are; an empty address is no link."""

    rows: tuple[LearnerRow, ...]
    query: str
    first_href: str
    next_href: str


@dataclass(frozen=True, slots=True)
class ProfileView:
    """Who the learner is."""

    learner_id: str
    label: str
    team: str
    team_href: str
    role: str
    next_role: str


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role to measure against."""

    role_id: str
    label: str
    chosen: bool


def learner_list(
    found: Sequence[LearnerProfile],
    roles: Iterable[Role],
    *,
    query: str,
    after: str,
    limit: int,
) -> LearnerList:
    """Return a page of at most `limit` learners; `found` holds one more where there are more."""
    names = {role.role_id: role.label for role in roles}
    shown = found[:limit]
    rows = tuple(
        LearnerRow(
            one.label,
            one.learner_id,
            wording.learner_href(one.learner_id),
            one.team_id,
            wording.team_href(one.team_id),
            names.get(one.role_id, one.role_id),
        )
        for one in shown
    )
    more = len(found) > limit
    return LearnerList(
        rows,
        query,
        first_href=wording.learners_href(query) if after else "",
        next_href=wording.learners_href(query, shown[-1].learner_id) if more else "",
    )


def person(profile: LearnerProfile, roles: Mapping[str, Role], *, chosen: str) -> dict[str, Any]:
    """Return what the head of a learner's page takes: who it is, and the roles to choose from."""
    marks = {profile.next_role_id: " (next role)", profile.role_id: " (current role)"}
    return {
        "learner": profile_view(profile, roles),
        "choices": role_choices(roles.values(), chosen, marks),
    }


def profile_view(profile: LearnerProfile, roles: Mapping[str, Role]) -> ProfileView:
    """Return who the learner is, roles by their names."""
    return ProfileView(
        profile.learner_id,
        profile.label,
        profile.team_id,
        wording.team_href(profile.team_id),
        _role_name(profile.role_id, roles),
        _next_role(profile, roles),
    )


def _next_role(profile: LearnerProfile, roles: Mapping[str, Role]) -> str:
    """Return the role that a learner works towards, and its share if it has one."""
    name = _role_name(profile.next_role_id, roles)
    if not name and profile.role_id in roles:
        above = next_rung(roles[profile.role_id], roles.values())
        name = above.label if above else ""
    if not name or not profile.next_role_weight:
        return name
    return f"{name} ({profile.next_role_weight:.0%} of what comes next)"


def _role_name(role_id: str, roles: Mapping[str, Role]) -> str:
    return roles[role_id].label if role_id in roles else role_id


def role_choices(
    roles: Iterable[Role], chosen: str, marks: Mapping[str, str]
) -> tuple[RoleChoice, ...]:
    """Return the roles by ladder and rung, some of them marked in words."""
    ordered = sorted(roles, key=lambda role: (role.ladder, role.rung, role.label))
    return tuple(
        RoleChoice(role.role_id, role.label + marks.get(role.role_id, ""), role.role_id == chosen)
        for role in ordered
    )
