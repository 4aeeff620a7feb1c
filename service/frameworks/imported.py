"""What an import yields, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine import Completion, Curriculum, Response, Role, UnknownId
from service.records import LearnerProfile

from .ids import slug

__all__ = ["ImportedFramework"]


@dataclass(frozen=True)
class ImportedFramework:
    """A framework read from a file or folder, ready for the store.

    Parameters
    ----------
    format : str
        ``"attain"``, ``"ddat"`` or ``"onet"``.
    curriculum : Curriculum
    roles : tuple of Role
    learners : tuple of LearnerProfile
    evidence : tuple of Response and Completion
    notes : tuple of str
        What was left out, merged or renamed, a sentence each.
    """

    format: str
    curriculum: Curriculum
    roles: tuple[Role, ...]
    learners: tuple[LearnerProfile, ...] = ()
    evidence: tuple[Response | Completion, ...] = ()
    notes: tuple[str, ...] = ()

    def with_roles_like(self, text: str) -> ImportedFramework:
        """Return the same with only the roles whose id, name or ladder contains `text`.

        Case, blanks and punctuation make no difference.
        Skills and items stay whole, so that importing another role later changes no catalogue.
        Learners lose a role that is not among them.

        Raises
        ------
        UnknownId
            No role is like that; with near matches.
        """
        roles = tuple(role for role in self.roles if slug(text) in _names_of(role))
        if not roles:
            raise UnknownId("role", text, _alike(text, self.roles))
        kept = {role.role_id for role in roles}
        learners = tuple(
            replace(
                one,
                role_id=one.role_id if one.role_id in kept else "",
                next_role_id=one.next_role_id if one.next_role_id in kept else "",
            )
            for one in self.learners
        )
        return replace(self, roles=roles, learners=learners)


def _names_of(role: Role) -> str:
    return "\n".join(slug(name) for name in (role.role_id, role.name, role.ladder))


def _alike(text: str, roles: Iterable[Role]) -> list[str]:
    """Return the ids and names that begin alike, in which codes say what is near; else all."""
    names = [name for role in roles for name in (role.role_id, role.label)]
    stem = text.casefold()[: 2 * len(text) // 3]
    return [name for name in names if name.casefold().startswith(stem)] or names
