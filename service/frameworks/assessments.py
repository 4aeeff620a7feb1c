"""Items for a framework that has none: one assessment per skill and level."""

from __future__ import annotations

from engine import CompetencyFramework, Curriculum, Item

from .ids import slug

__all__ = ["assessable"]


def assessable(framework: CompetencyFramework) -> Curriculum:
    """Return a curriculum with one assessment item per skill and level of the scale.

    The item is somebody's observation that the learner has the skill at the level; its id is the
    skill's with the level's name after a full stop.

    Examples
    --------
    >>> from engine import Skill
    >>> curriculum = assessable(CompetencyFramework([Skill("sql", name="SQL")]))
    >>> list(curriculum.items)
    ['sql.awareness', 'sql.working', 'sql.practitioner', 'sql.expert']
    """
    levels = list(enumerate(framework.scale.levels, start=1))
    items = [
        Item(
            item_id=f"{skill.skill_id}.{slug(name)}",
            skills=(skill.skill_id,),
            level=level,
            kind="observation",
            name=f"{skill.label}: {name}",
        )
        for skill in framework.skills
        for level, name in levels
    ]
    return Curriculum(framework, tuple(items))
