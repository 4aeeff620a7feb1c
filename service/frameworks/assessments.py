"""Items for a framework that has none: two assessments per skill and level."""

from __future__ import annotations

from engine import CompetencyFramework, Curriculum, Item

from .ids import slug

__all__ = ["assessable"]

_BY = {"": "", ".again": ", by somebody else"}


def assessable(framework: CompetencyFramework) -> Curriculum:
    """Return a curriculum with two assessment items per skill and level of the scale.

    Each is somebody's observation that the learner has the skill at the level; mastery takes two
    that are independent, so the second is to be by somebody else. The first has the skill's id with
    the level's name after a full stop, the second ``.again`` after that.

    Examples
    --------
    >>> from engine import ProficiencyScale, Skill
    >>> scale = ProficiencyScale(("Working", "Expert"))
    >>> curriculum = assessable(CompetencyFramework([Skill("sql", name="SQL")], scale=scale))
    >>> list(curriculum.items)
    ['sql.working', 'sql.working.again', 'sql.expert', 'sql.expert.again']
    """
    levels = list(enumerate(framework.scale.levels, start=1))
    items = [
        Item(
            item_id=f"{skill.skill_id}.{slug(name)}{which}",
            skills=(skill.skill_id,),
            level=level,
            kind="observation",
            name=f"{skill.label}: {name}{by}",
        )
        for skill in framework.skills
        for level, name in levels
        for which, by in _BY.items()
    ]
    return Curriculum(framework, tuple(items))
