"""The named quantities that a prediction is read from: the filter's terms, and plain history."""

from __future__ import annotations

import math

from .filtering import (
    ANSWERED,
    I_LAST,
    I_N,
    I_RIGHTS,
    IN_SESSION,
    LAST,
    PREVIOUS,
    PREVIOUS_RUN,
    RECENT_2,
    RECENT_5,
    RECENT_20,
    RIGHT_RUN,
    RIGHTS,
    S_ANSWERED,
    S_RECENT_2,
    S_RECENT_5,
    SESSION_GAP_SECONDS,
    SKILLS_MET,
    T_ITEM_V,
    T_LEARNER_V,
    T_SKILL_V,
    T_TOTAL,
    WRONG_RUN,
    X_AT,
    X_LAST,
    X_LAST_2,
    X_LAST_3,
    X_N,
    X_RECENT,
    X_RUN,
    N,
    Row,
)

__all__ = ["ITEM_QUANTITIES", "N_QUANTITIES", "QUANTITIES", "describe"]

QUANTITIES = (
    "level",  # the constant 1
    # terms of the filter
    "learner_slow",
    "learner_fast",
    "skill_slow",
    "skill_fast",
    "item_easiness",
    "skill_easiness",
    "practice",
    "learner_variance",
    "skill_variance",
    "item_variance",
    "predictor",
    "predictor_by_learner_variance",
    "predictor_by_skill_variance",
    "predictor_by_item_variance",
    # the learner's last answers, whatever they were to
    "recent_2",
    "recent_5",
    "recent_20",
    "log_right_run",
    "log_wrong_run",
    "previous",
    "log_responses",
    "skills_met",
    "log_skills_met",
    # the item's skills, each with its own history, on average
    "skill_recent_2",
    "skill_recent_5",
    "log_opportunities",
    "log_rights",
    "log_wrongs",
    "log_since_skill",
    "log_hours_since_skill",  # so coarse that the time taken to answer does not show in it
    # the exercise: this combination of skills
    "log_exercise_n",
    "exercise_recent",
    "exercise_last",
    "exercise_last_2",
    "exercise_last_3",
    "exercise_first",
    "exercise_run_1",
    "exercise_run_2",
    "exercise_run_3",
    "exercise_run_4",
    "exercise_run_5_or_more",
    "exercise_wrong_run",
    "log_since_exercise",
    "same_exercise",
    "same_exercise_by_n",
    "same_exercise_by_recent",
    # the item
    "item_last",
    "log_item_n",
    "item_share",
    # the setting
    "n_skills",
    "previous_of_other_exercise",
    "previous_exercise_run",
    "same_item",
    "log_in_session",
)
"""In the order in which :func:`describe` writes them."""

N_QUANTITIES = len(QUANTITIES)

ITEM_QUANTITIES = (
    "level",
    "learner_slow",
    "learner_fast",
    "skill_slow",
    "skill_fast",
    "predictor",
    "log_responses",
    "log_opportunities",
    "skill_recent_2",
    "skill_recent_5",
    "recent_2",
    "previous",
    "exercise_last",
    "same_exercise",
    "item_last",
    "log_item_n",
    "exercise_recent",
    "skill_variance",
    "previous_of_other_exercise",
)
"""Those whose weights differ from item to item; that of an ability is its discrimination."""


def describe(
    learner: Row,
    skills: Row,
    which: Row,
    exercise: Row,
    item: Row,
    terms: Row,
    same_exercise: float,
    same_item: float,
    seconds: float,
    out: Row,
) -> None:
    """Write the quantities of the next answer, given what is known before it is seen."""
    now, share, total = learner[N], 1.0 / len(which), terms[T_TOTAL]
    out[0] = 1.0
    for i in range(T_ITEM_V + 1):
        out[1 + i] = terms[i]
    out[11] = total
    out[12] = total * terms[T_LEARNER_V]
    out[13] = total * terms[T_SKILL_V]
    out[14] = total * terms[T_ITEM_V]
    out[15] = learner[RECENT_2]
    out[16] = learner[RECENT_5]
    out[17] = learner[RECENT_20]
    out[18] = math.log1p(learner[RIGHT_RUN])
    out[19] = math.log1p(learner[WRONG_RUN])
    out[20] = learner[PREVIOUS]
    out[21] = math.log1p(now)
    out[22] = learner[SKILLS_MET]
    out[23] = math.log1p(learner[SKILLS_MET])
    for i in range(24, 31):
        out[i] = 0.0
    for j in range(len(which)):
        skill = skills[which[j]]
        if skill[N] == 0.0:
            continue
        out[24] += share * skill[S_RECENT_2]
        out[25] += share * skill[S_RECENT_5]
        out[26] += share * math.log1p(skill[N])
        out[27] += share * math.log1p(skill[RIGHTS])
        out[28] += share * math.log1p(skill[N] - skill[RIGHTS])
        out[29] += share * math.log1p(now - skill[LAST])
        hours = (seconds - skill[S_ANSWERED]) / 3600.0
        if hours > 0.0:  # not where a time is missing
            out[30] += share * math.log1p(hours)
    n, run = exercise[X_N], exercise[X_RUN]
    out[31] = math.log1p(n)
    out[32] = exercise[X_RECENT]
    out[33] = exercise[X_LAST]
    out[34] = exercise[X_LAST_2]
    out[35] = exercise[X_LAST_3]
    out[36] = 1.0 if n == 0.0 else 0.0
    for i in range(4):
        out[37 + i] = 1.0 if run == i + 1.0 else 0.0
    out[41] = 1.0 if run >= 5.0 else 0.0
    out[42] = math.log1p(max(-run, 0.0))
    out[43] = math.log1p(now - exercise[X_AT]) if n > 0.0 else 0.0
    out[44] = same_exercise
    out[45] = same_exercise * out[31]
    out[46] = same_exercise * out[32]
    out[47] = item[I_LAST]
    out[48] = math.log1p(item[I_N])
    out[49] = item[I_RIGHTS] / (1.0 + item[I_N])
    out[50] = 1.0 * len(which)
    out[51] = (1.0 - same_exercise) * learner[PREVIOUS]
    out[52] = learner[PREVIOUS_RUN]
    out[53] = same_item
    paused = seconds - learner[ANSWERED] > SESSION_GAP_SECONDS
    out[54] = 0.0 if paused else math.log1p(learner[IN_SESSION])
