"""Ways to choose what comes next, behind one protocol; each says how probable its choices were.

A policy makes an offer: modules that could be taken now, or items to be answered first, each with
the probability that it is the one. Whatever the policy, it chooses among what :func:`rank` would
list: modules that are allowed, useful to the role, and whose prerequisites are met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from ..errors import Fault, InvalidInput, UnknownId
from .offer import Offer
from .projector import Projector, attained
from .pursuit import Pursue
from .situation import Situation

if TYPE_CHECKING:
    from ..domain.curriculum import Item
    from ..domain.framework import SkillLevel
    from ..domain.knowledge import KnowledgeState

__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "AtRandom",
    "Cautious",
    "CurriculumOrder",
    "Greedy",
    "LowestMastery",
    "Offer",
    "Policy",
    "Pursue",
    "Thompson",
    "policy_named",
]


class Policy(Protocol):
    """A way to choose: every policy keeps to this, and the service needs no more.

    Examples
    --------
    >>> policy: Policy = Greedy()
    >>> policy.name
    'greedy'
    """

    @property
    def name(self) -> str:
        """What it is called in decisions and experiments."""
        ...

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:
        """Return what could be chosen, with propensities; `rng` is for policies that draw."""
        ...


@dataclass(frozen=True)
class Greedy:
    """The module with the highest score."""

    name: str = "greedy"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:  # noqa: ARG002
        """Return the first of the ranking."""
        return _evenly(situation.ranked(1))


@dataclass(frozen=True)
class AtRandom:
    """Any module that can be taken and is of use, all with one probability."""

    name: str = "random"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:  # noqa: ARG002
        """Return all of the ranking."""
        return _evenly(situation.ranked())


@dataclass(frozen=True)
class CurriculumOrder:
    """The first in the curriculum's own order of what can be taken and is of use."""

    name: str = "curriculum-order"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:  # noqa: ARG002
        """Return the first in the curriculum."""
        ranked = set(situation.ranked())
        listed = (one.module_id for one in situation.where.curriculum.module_list)
        return _evenly([one for one in listed if one in ranked][:1])


@dataclass(frozen=True)
class LowestMastery:
    """Where the product of the attainments that a module teaches is lowest; ties evenly.

    OATutor's rule (Pardos et al. 2023), with prerequisites, which OATutor has not.
    """

    name: str = "lowest-mastery"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:  # noqa: ARG002
        """Return the modules whose product is lowest."""
        modules = situation.where.curriculum.modules
        mastery = {
            one: prod(_attained(situation, [effect.reached for effect in modules[one].teaches]))
            for one in situation.ranked()
        }
        lowest = min(mastery.values(), default=0.0)
        return _evenly([one for one, product in mastery.items() if product == lowest])


@runtime_checkable
class _Uncertain(Protocol):
    """A projector that knows how far its parameters are known."""

    def draw(self, n: int, rng: np.random.Generator) -> Sequence[Projector]: ...


@dataclass(frozen=True)
class Thompson:
    """The best module under parameters drawn from their posterior (Thompson 1933).

    Parameters are drawn `draws` times, and one of the draws is followed; so a propensity is exactly
    the share of draws in which a module ranks first.

    Parameters
    ----------
    draws : int, default 20
    """

    draws: int = 20
    name: str = "thompson"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:
        """Return what ranks first in some draw.

        Raises
        ------
        InvalidInput
            The projector has no ``draw``.
        """
        if not isinstance(situation.projector, _Uncertain):
            fault = Fault("tracer", "has no posterior to draw from", "fit a BKT, or choose greedy")
            raise InvalidInput("policy", [fault])
        times: dict[str, int] = {}
        possible = set(situation.ranked())  # no draw opens what the estimate keeps closed
        for projector in situation.projector.draw(self.draws, rng):
            ranked = replace(situation, projector=projector).ranked()
            for best in [one for one in ranked if one in possible][:1]:
                times[best] = times.get(best, 0) + 1
        total = sum(times.values())
        return Offer({one: times[one] / total for one in sorted(times)})


@dataclass(frozen=True)
class Cautious:
    """Greedy, but nothing is built on what was not shown, and asking comes before teaching again.

    An attainment counts as shown with `successes` right answers to different items (or to all that
    there are); until then a part of it is in doubt, so that it is neither mastered nor met as a
    prerequisite, for which the role's threshold holds. Where the next module would teach what
    already seems known, an item is asked instead, which takes a minute instead of a lesson.

    Parameters
    ----------
    successes : int, default 3
    ask_from : float, default 0.8
        The attainment from which a skill seems known.
    """

    successes: int = 3
    ask_from: float = 0.8
    name: str = "cautious"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:  # noqa: ARG002
        """Return the best module, or the item to ask before it."""
        curriculum, state = situation.where.curriculum, situation.state
        items = situation.where.items_by_skill
        threshold = situation.where.role.mastery_threshold
        doubting = _Doubting(situation.projector, items, self.successes, threshold - _SHORT)
        doubtful = replace(situation, projector=doubting, prerequisite_threshold=threshold)
        best = doubtful.ranked(1)
        if not best:
            asked = _still_open(doubtful)
        else:
            taught = [effect.reached for effect in curriculum.modules[best[0]].teaches]
            seems_known = all(p >= self.ask_from for p in _attained(situation, taught))
            unsure = all(doubting.doubts(state, one) for one in taught)
            asked = taught if seems_known and unsure else []
        item_id = _to_ask(state, items, asked)
        return _evenly(best) if item_id is None else Offer({item_id: 1.0}, "item")


class _Doubting:
    """A projector that believes in part only what was not shown."""

    def __init__(
        self, projector: Projector, items: _Items, successes: int, believed: float
    ) -> None:
        self._projector, self._items = projector, items
        self._successes, self._believed = successes, believed

    def doubts(self, state: KnowledgeState, one: SkillLevel) -> bool:
        """Whether there are too few independent successes, and items to have more."""
        shown = state.independent_successes(one.skill_id, one.level)
        return shown < self._successes and shown < len(_that_show(self._items, one))

    def attainment(
        self, state: KnowledgeState, targets: Sequence[SkillLevel], *, at: datetime | None = None
    ) -> Any:
        p = np.array(attained(self._projector, state, targets, at))
        return np.where([self.doubts(state, one) for one in targets], self._believed * p, p)

    def project(
        self, state: KnowledgeState, module: Any, *, at: datetime | None = None
    ) -> KnowledgeState:
        return self._projector.project(state, module, at=at)


_SHORT = 0.05  # of the threshold: how far what was not shown stays below it, at best


def _still_open(situation: Situation) -> list[SkillLevel]:
    """Return what is wanted and below the threshold, the nearest to it first."""
    wanted = situation.where.wanted
    p = _attained(situation, wanted)
    under = [k for k, one in enumerate(p) if one < situation.prerequisite_threshold]
    return [wanted[k] for k in sorted(under, key=lambda k: (-p[k], k))]


def _to_ask(state: KnowledgeState, items: _Items, wanted: Sequence[SkillLevel]) -> str | None:
    """Return an item on the first of these that has one not answered rightly yet."""
    for one in wanted:
        known = state.skills.get(one.skill_id)
        done = known.successes if known else {}
        fresh = [item_id for item_id in _that_show(items, one) if item_id not in done]
        if fresh:
            turn = (known.opportunities if known else 0) % len(fresh)  # not the same one each time
            return fresh[turn]
    return None


_Items = Mapping[str, Sequence["Item"]]


def _that_show(items: _Items, one: SkillLevel) -> list[str]:
    """Return the items that can show a skill at a level."""
    return [item.item_id for item in items.get(one.skill_id, ()) if item.level >= one.level]


def _attained(situation: Situation, wanted: Sequence[SkillLevel]) -> list[float]:
    return attained(situation.projector, situation.state, wanted, situation.at)


def _evenly(ids: Sequence[str]) -> Offer:
    return Offer({one: 1.0 / len(ids) for one in ids})


_ALL = (Pursue(), Greedy(), Cautious(), Thompson(), AtRandom(), CurriculumOrder(), LowestMastery())
POLICIES: Mapping[str, Policy] = {one.name: one for one in _ALL}
"""The policies by name, with their defaults."""

DEFAULT_POLICY = "pursue"
"""The policy of whoever names none."""


def policy_named(name: str) -> Policy:
    """Return a policy; raise :class:`UnknownId` with near matches where there is none.

    Examples
    --------
    >>> policy_named("greedy")
    Greedy(name='greedy')
    """
    if name not in POLICIES:
        raise UnknownId("policy", name, POLICIES)
    return POLICIES[name]
