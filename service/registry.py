"""Catalogue, roles, learners and models: what may refer to what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from engine.domain import Curriculum, Role
from engine.domain.records import Faults, plain
from engine.errors import (
    Fault,
    InvalidCurriculum,
    UnknownId,
    did_you_mean,
    near_matches,
)
from engine.recommender import next_rung

from .binding import default_tracer, default_version, read_tracer
from .errors import CatalogConflict, MergeConflict, NoRole
from .fitting.reporting import report_of
from .instants import from_us
from .kept import reading
from .records import LearnerProfile, ModelSummary
from .store import COMPLETION, RESPONSE, Session

__all__ = [
    "find_learner",
    "find_role",
    "ladder_contents_of",
    "look_for_learner",
    "model",
    "model_in_full",
    "models",
    "next_role_content_of",
    "publish_role",
    "put_learners",
    "put_role",
    "read_role",
    "refuse_removals",
    "role_content_of",
    "role_of",
]


def refuse_removals(session: Session, old: Curriculum | None, new: Curriculum) -> None:
    """Raise unless `new` still has everything that evidence and roles refer to.

    Raises
    ------
    CatalogConflict
        Listing all that is missing, how much refers to it, and the remedy.
    """
    faults = list(_role_faults(new, map(read_role, session.roles.all())))
    if old is not None:
        faults += _subject_faults(session, RESPONSE, "items", set(old.items) - set(new.items))
        gone = set(old.modules) - set(new.modules)
        faults += _subject_faults(session, COMPLETION, "modules", gone)
        faults += _skill_faults(session, old, new)
    if faults:
        raise CatalogConflict("catalogue", faults)


def _role_faults(new: Curriculum, roles: Iterable[Role]) -> Iterator[Fault]:
    for role in roles:
        try:
            new.framework.check_role(role)
        except InvalidCurriculum as error:
            for fault in error.faults:
                yield Fault(fault.where, fault.problem, "change the role first, or keep the skill")


def _subject_faults(
    session: Session, kind: str, where: str, gone: Iterable[str]
) -> Iterator[Fault]:
    for one in sorted(gone):
        count = session.evidence.count_about(kind, one)
        if count:
            problem = f"is left out, but evidence refers to it: {_many(count, kind)}"
            yield Fault(f"{where}[{one}]", problem, "keep it and retire it: retired: true")


def _skill_faults(session: Session, old: Curriculum, new: Curriculum) -> Iterator[Fault]:
    for skill_id in (one for one in old.skills if one not in new.skills):
        items = [item.item_id for item in old.item_list if skill_id in item.skills]
        count = sum(session.evidence.count_about(RESPONSE, item_id) for item_id in items)
        if count:
            problem = f"is left out, but evidence exercised it: {_many(count, RESPONSE)}"
            remedy = "keep the skill and retire its items and modules: retired: true"
            yield Fault(f"skills[{skill_id}]", problem, remedy)


def _many(count: int, kind: str) -> str:
    return f"{count} {kind}{'s' if count > 1 else ''}"


@lru_cache(maxsize=1024)
def read_role(content: str) -> Role:
    """Return a role of the text that is kept of it."""
    with reading("a role", "put it again"):
        return Role(**json.loads(content))


def put_role(session: Session, role: Role) -> None:
    """Keep a role, checked already."""
    known = plain(role)
    known["targets"] = [  # what a target does not say is not kept, so that a role from before it
        {name: said for name, said in target.items() if said is not None}  # could say so is the
        for target in known["targets"]  # same still
    ]
    content = json.dumps(known, ensure_ascii=False, allow_nan=False)
    session.roles.put(role.role_id, role.ladder, content)


def publish_role(session: Session, role: Role, catalog_version: int, now_us: int) -> int:
    """Keep a role, put already, as its newest version; return its number, the old one's if same."""
    content = session.roles.content(role.role_id) or ""
    return session.role_versions.publish(role.role_id, content, catalog_version, now_us)


def find_role(session: Session, role_id: str) -> Role:
    """Return a role; raise :class:`UnknownId` with near matches where there is none."""
    content = session.roles.content(role_id)
    if content is None:
        raise UnknownId("role", role_id, session.roles.ids())
    return read_role(content)


def role_content_of(session: Session, profile: LearnerProfile, role_id: str | None) -> str:
    """Return the role named, or else the learner's own, as it is kept.

    Raises
    ------
    UnknownId
        There is no such role.
    NoRole
        None is named and the learner has none.
    """
    if role_id is None and not profile.role_id:
        raise NoRole(profile.learner_id)
    asked = profile.role_id if role_id is None else role_id
    content = session.roles.content(asked)
    if content is None:
        raise UnknownId("role", asked, session.roles.ids())
    return content


def role_of(session: Session, profile: LearnerProfile, role_id: str | None) -> Role:
    """Return the role named, or else the learner's own; raise as :func:`role_content_of`."""
    return read_role(role_content_of(session, profile, role_id))


def ladder_contents_of(session: Session, content: str) -> tuple[str, ...]:
    """Return the roles on the ladder of a role, as kept; of one on no ladder, the role itself."""
    ladder = read_role(content).ladder
    return session.roles.on_ladder(ladder) if ladder else (content,)


def next_role_content_of(
    session: Session, profile: LearnerProfile, content: str, ladder_contents: Iterable[str]
) -> str:
    """Return the role that a learner works towards, as kept: their own, or the ladder's next rung.

    Empty where there is neither.
    """
    named = session.roles.content(profile.next_role_id) if profile.next_role_id else None
    if named is not None:
        return named
    by_role = {read_role(one): one for one in ladder_contents}
    above = next_rung(read_role(content), by_role)
    return "" if above is None else by_role[above]


def put_learners(session: Session, profiles: Sequence[LearnerProfile], now_us: int) -> None:
    """Keep profiles.

    Raises
    ------
    InvalidInput
        Some name unknown roles, or repeat an id: all of them.
    MergeConflict
        Some are of ids that were merged: all of them.
    """
    faults = Faults()
    known = frozenset(session.roles.ids())
    seen: set[str] = set()
    for i, profile in enumerate(profiles):
        for name in ("role_id", "next_role_id"):
            given = getattr(profile, name)
            if given and given not in known:
                near = did_you_mean(near_matches(given, known))
                faults.add(f"learners[{i}].{name}", f"names an unknown role, {given!r}{near}")
        if profile.learner_id in seen:
            faults.add(f"learners[{i}].learner_id", f"repeats {profile.learner_id!r}")
        seen.add(profile.learner_id)
    faults.raise_if_any("learners")
    _refuse_aliases(session, profiles)
    session.learners.put(profiles, now_us)


def _refuse_aliases(session: Session, profiles: Sequence[LearnerProfile]) -> None:
    merged = session.aliases.among(profile.learner_id for profile in profiles)
    faults = [
        Fault(
            f"learners[{i}].learner_id",
            f"is {one.learner_id!r}, which was merged into {merged[one.learner_id]!r}",
            "send the profile of the learner who is kept",
        )
        for i, one in enumerate(profiles)
        if one.learner_id in merged
    ]
    if faults:
        raise MergeConflict("learners", faults)


def find_learner(session: Session, learner_id: str) -> LearnerProfile:
    """Return the learner whom an id stands for; an id that was merged stands for another's.

    Raises
    ------
    UnknownId
        Nothing is known of the learner: with near matches.
    """
    found = look_for_learner(session, learner_id)
    if found is None:
        raise UnknownId("learner", learner_id, session.learners.ids_like(learner_id))
    return found


def look_for_learner(session: Session, learner_id: str) -> LearnerProfile | None:
    """Return the learner whom an id stands for, or None where nothing is known of them."""
    found = session.learners.find(learner_id)
    if found is not None:
        return found
    kept = session.aliases.kept(learner_id)
    return None if kept is None else session.learners.find(kept)


def models(session: Session) -> tuple[ModelSummary, ...]:
    """Return every installed model, the newest first, then the default one."""
    installed = [
        ModelSummary(row.version, row.active, from_us(row.installed_at_us))
        for row in session.tracers.all()
    ]
    if any(one.model_version == default_version() for one in installed):
        return tuple(installed)
    nothing_installed = session.versions().model_version is None
    return (*installed, ModelSummary(default_version(), nothing_installed))


def model(session: Session, version: str) -> ModelSummary:
    """Return one model; raise :class:`UnknownId` where there is none."""
    known = {one.model_version: one for one in models(session)}
    if version not in known:
        raise UnknownId("model", version, known)
    return known[version]


def model_in_full(session: Session, version: str) -> ModelSummary:
    """Return one model with its content and its report.

    Raises
    ------
    UnknownId
        There is no such model.
    StoreError
        It cannot be read any more.
    """
    found = model(session, version)
    content = session.tracers.content(version) or default_tracer().to_json()
    with reading(f"the model {version}", "install it again"):
        noted = session.tracers.report(version)
        report = json.loads(noted) if noted else report_of(read_tracer(content, version))
        return replace(found, content=json.loads(content), report=report)
