"""Sentences that a learner can read, one per term of a score."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.recommendations import Reason
from ..domain.roles import CombinedRole
from ..domain.skills import UncertainLevel

if TYPE_CHECKING:
    from ..domain.framework import CompetencyFramework, SkillLevel
    from ..domain.knowledge import KnowledgeState
    from .lapsing import Lapse
    from .prospect import Prospect
    from .role_map import Numbers, RoleMap
    from .standing import Failure

__all__ = [
    "comes_back",
    "day",
    "enables",
    "is_due",
    "keeps",
    "listed",
    "meant_nearly",
    "more_of_the_same",
    "prefers",
    "raises",
    "reached",
    "suits",
    "taken_formats",
]

_MONTHS = (  # strftime would ask the locale
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHOWN = 3
_LIKELY = 0.005  # less is not told
_SAID = 0.0005  # of readiness; less is not told in figures


def raises(
    ahead: Prospect, m: int, gain: float, gains: Mapping[int, float] | None = None
) -> Reason:
    """Say by how much a module raises the readiness to be expected, and what it passes over.

    Of several roles in one, by how much for each; `gains` are those by target where they are not
    what the module brings alone.
    """
    where, skipped = ahead.where, ahead.found.skipped
    (head, tail), role = where.around_size[m], where.role
    verb = "Raises" if gain >= 0 else "Lowers"
    sentence = f"{verb}{head}{_points(gain)}{tail}"
    if isinstance(role, CombinedRole):
        named = list(_by_role(role, ahead.outlook.gains((m,)) if gains is None else gains))
        if named:
            sentence = f"{verb} your expected readiness {listed(named, len(named))}{tail}"
    return Reason("gain", sentence + _passes_over(ahead, m) if skipped else sentence)


def _by_role(role: CombinedRole, gains: Mapping[int, float]) -> Iterator[str]:
    for part in role.parts:
        gain = sum(part.weights[i] * one for i, one in gains.items())
        if abs(gain) >= _SAID:
            yield f"for {part.label} by {_points(gain)}"


def _points(gain: float) -> str:
    return f"{abs(gain) * 100:.1f} points" if abs(gain) >= _SAID else "less than 0.1 points"


def enables(ahead: Prospect, m: int, members: Numbers) -> Reason:
    """Say what a module is needed for on the way to the last of several, first things first."""
    where, waits, goal = ahead.where, ahead.found.waits, members[-1]
    later, leads = members[members.index(m) + 1 :], where.leads_to[m]
    for one in later:
        for k in waits[one]:
            if k in leads:
                return Reason("enables", _needed_before(where, k, one, goal))
    follower = next((one for one in later if m in where.comes_after[one]), goal)
    title = where.modules[follower].label
    return Reason("enables", f"Has to be completed before “{title}”{_on_the_way(where, goal)}.")


def comes_back(where: RoleMap, failure: Failure) -> Reason:
    """Say which wrong answer calls for a module again."""
    skill = where.curriculum.framework.skill(failure.skill_id).label
    when = day(failure.failed_at)
    return Reason(
        "review", f"Brings back {skill}: you answered it wrongly on {when}, after this module."
    )


def is_due(where: RoleMap, i: int, at: datetime) -> Reason:
    """Say by when a target is wanted."""
    due_at = where.role.targets[i].due_at or at
    name = reached(where, where.wanted[i])
    sentence = f"{name} {'is' if due_at > at else 'was'} due on {day(due_at)}."
    return Reason("urgency", sentence)


def keeps(where: RoleMap, i: int, lapse: Lapse) -> Reason:
    """Say what a module brings back, and by when it has to."""
    name = reached(where, where.wanted[i])
    when = "" if lapse.at is None else day(lapse.at)
    sentence = {
        "expired": f"Renews {name}: the proof of it expired on {when}.",
        "expires": f"Renews {name}: the proof of it expires on {when}.",
        "faded": f"Brings back {name}, which you had and have not used for long.",
        "fades": f"Keeps {name}, which would fade below the target by about {when}.",
    }[lapse.cause]
    return Reason("keeping", sentence)


def suits(ahead: Prospect, m: int) -> Reason:
    """Say how a module stands in what similar learners completed."""
    share = max(ahead.leanings["prior"][m], 0.01)
    sentence = (
        f"Learners like you take it rather than {share:.0%} of the other modules"
        f" for {ahead.where.role.label}."
    )
    return Reason("prior", sentence)


def taken_formats(where: RoleMap, state: KnowledgeState) -> list[str]:
    """Return the formats of the modules that a learner has completed, as far as they have one."""
    modules = where.curriculum.modules
    formats = [modules[one].format for one in sorted(state.completed) if one in modules]
    return [one for one in formats if one]


def prefers(where: RoleMap, m: int, state: KnowledgeState) -> Reason:
    """Say how often a learner has completed modules of a format."""
    own, taken = where.modules[m].format, taken_formats(where, state)
    sentence = (
        f"Its format is {own}, as of {taken.count(own)} of the {len(taken)} modules you completed."
    )
    return Reason("preference", sentence)


def more_of_the_same(where: RoleMap, m: int) -> Reason:
    """Say why a module counts less than it would alone."""
    return Reason(
        "variety", f"The list has other modules of its format, {where.modules[m].format}."
    )


def reached(where: RoleMap, wanted: SkillLevel) -> str:
    """Name a skill at a level: ``Joining tables at level 2 (Working)``."""
    name = where.named.get(wanted)
    if name is None:
        skill = where.curriculum.framework.skill(wanted.skill_id).label
        name = where.named[wanted] = f"{skill} at {_level(where, wanted.level)}"
    return name


def listed(names: Sequence[str], shown: int = _SHOWN) -> str:
    """Join names into a list, the first few of them.

    Examples
    --------
    >>> listed(["A", "B"]), listed(list("ABCDE"))
    ('A and B', 'A, B, C and 2 more')
    """
    if len(names) > shown:
        return f"{', '.join(names[:shown])} and {len(names) - shown} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def meant_nearly(framework: CompetencyFramework, meant: Sequence[SkillLevel]) -> str:
    """Say which targets are known only nearly, the least certain first; nothing if none is.

    Examples
    --------
    >>> from engine.domain import CompetencyFramework, Skill, SkillLevel
    >>> from engine.domain.skills import UncertainLevel
    >>> framework = CompetencyFramework([Skill("sql", name="SQL"), Skill("charts")])
    >>> meant_nearly(framework, [UncertainLevel("sql", 3, ((2, 0.31), (3, 0.69)))])
    'How much is asked is known only nearly of SQL (level 2: 31%, level 3: 69%), so it counts
    at every level that may be meant.'
    """
    open_ = [one for one in meant if isinstance(one, UncertainLevel) and len(one.shares) > 1]
    open_.sort(key=lambda one: max(share for _, share in one.shares))
    names = [f"{framework.skill(one.skill_id).label} ({_levels_meant(one)})" for one in open_]
    it_counts = "it counts" if len(names) == 1 else "they count"
    return (
        f"How much is asked is known only nearly of {listed(names)}, so {it_counts} at every level"
        " that may be meant."
        if names
        else ""
    )


def _levels_meant(one: UncertainLevel) -> str:
    told = [(level, p) for level, p in one.shares if p >= _LIKELY]
    return ", ".join(f"level {level}: {100.0 * p:.0f}%" for level, p in told)


def _passes_over(ahead: Prospect, m: int) -> str:
    """Say what a module builds on although it is not attained yet."""
    where, now = ahead.where, ahead.now
    said = []
    for k in ahead.found.skipped.get(m, ()):
        name = reached(where, where.wanted[k])
        if k in where.leads_to[m]:
            said.append(f" It builds on {name}, which it teaches as well.")
        else:
            said.append(
                f" It goes beyond {name}, which stands at {now.p[k]:.0%}:"
                " nothing else on offer leads there first."
            )
    return "".join(said)


def _needed_before(where: RoleMap, k: int, follower: int, goal: int) -> str:
    said = where.said.get((k, follower))
    if said is None:
        said = where.said[k, follower] = _needed(where, k, follower)
    text, named = said
    return f"{text}{_on_the_way(where, goal, named)}."


def _needed(where: RoleMap, k: int, follower: int) -> tuple[str, Collection[str]]:
    """Say what a follower needs, and which skills that names."""
    required = where.wanted[k]
    teaches = where.modules[follower].teaches
    requiring = [
        effect.skill_id
        for effect in teaches
        if required in where.curriculum.requirements(effect.reached)
    ]
    if requiring:
        skill_id, after = requiring[0], where.curriculum.framework.skill(requiring[0]).label
    else:
        skill_id = required.skill_id
        above = (effect.level for effect in teaches if effect.skill_id == skill_id)
        after = _level(where, min(level for level in above if level > required.level))
    return f"You need {reached(where, required)} before {after}", {skill_id, required.skill_id}


def _on_the_way(where: RoleMap, goal: int, named: Collection[str] = ()) -> str:
    """Name the weightiest target that a goal teaches, unless one of them is named already."""
    onward = where.onward.get(goal)
    if onward is None:
        aims, targets = where.aims[goal], where.role.targets
        i = max(aims, key=lambda one: (where.shares[one], -one))
        label = where.curriculum.framework.skill(targets[i].skill_id).label
        onward = where.onward[goal] = (
            frozenset(targets[one].skill_id for one in aims),
            f", on the way to {label}",
        )
    skill_ids, text = onward
    return text if skill_ids.isdisjoint(named) else ""


def _level(where: RoleMap, level: int) -> str:
    return f"level {level} ({where.curriculum.scale.name(level)})"


def day(at: datetime) -> str:
    """Name the day of an instant, as ``10 April 2026``."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
