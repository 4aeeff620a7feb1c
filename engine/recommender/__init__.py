"""From mastery and targets to what comes next.

The recommender takes values and a :class:`Projector`; it knows no tracer. Its rooms: what a role
can use of a curriculum (`role_map`), where a learner stands (`standing`), what has to come before
what (`closure`), what it would bring (`outlook`, `routes`), what others completed (`features`,
`prior`, `leaning`; `lightfm_fit` learns it), the score (`scoring`, `ranking`; for many learners at
once `arrays`, `worth`, `threshold`, `index`), whole paths (`choice`, `programme`, `walk`, `plans`,
`paths`; in time `deadlines`, `timetable`, `renewals`, `course`, `arrivals`), how long it takes
(`forecast`), what to ask (`knowledge_space`, `diagnosis`), what will disappoint (`lint`), and the
words for all of it (`explanation`, `obstacles`, `alternatives`).
Beside the ranking stand other `policies`: a `situation`, an `offer` (`pursuit` is the default), and
`decisions` with their propensities and what they tell of one another (`offpolicy`); `coaching`
names who needs a person rather than a module, and who may move on; `teams` has the gaps of many
as one. `contradictions` is the lint's look at the evidence.
"""

from __future__ import annotations

from .arrays import as_projected
from .coaching import MANY_OPPORTUNITIES, Stuck, advances, stuck
from .decisions import Decision, arm_of, decide
from .diagnosis import Examination, Examiner, examination, next_probe, placed
from .explanation import meant_nearly
from .forecast import forecast
from .gaps import gaps, intervals_along, levels_asked
from .index import RankingIndex, Shortlists, ranking_index
from .ladder import next_rung, rungs, same_ladder
from .lint import CHECKS, Finding, lint
from .offpolicy import Estimate, ips, snips
from .paths import METHODS, Method, plan_path
from .policies import DEFAULT_POLICY, POLICIES, Offer, Policy, policy_named
from .prior import CollaborativePrior, Prior
from .projector import Projector, attained
from .ranking import rank
from .readiness import readiness, readiness_interval
from .role_map import RoleMap, role_map
from .scoring import ScoreWeights
from .situation import Situation
from .standing import allowed_ids, asked_ids, offered_ids
from .teams import FEWEST_LEARNERS, TeamGap, TeamGaps, team_gaps
from .validity import expires_at

__all__ = [
    "CHECKS",
    "DEFAULT_POLICY",
    "FEWEST_LEARNERS",
    "MANY_OPPORTUNITIES",
    "METHODS",
    "POLICIES",
    "CollaborativePrior",
    "Decision",
    "Estimate",
    "Examination",
    "Examiner",
    "Finding",
    "Method",
    "Offer",
    "Policy",
    "Prior",
    "Projector",
    "RankingIndex",
    "RoleMap",
    "ScoreWeights",
    "Shortlists",
    "Situation",
    "Stuck",
    "TeamGap",
    "TeamGaps",
    "advances",
    "allowed_ids",
    "arm_of",
    "as_projected",
    "asked_ids",
    "attained",
    "decide",
    "examination",
    "expires_at",
    "forecast",
    "gaps",
    "intervals_along",
    "ips",
    "levels_asked",
    "lint",
    "meant_nearly",
    "next_probe",
    "next_rung",
    "offered_ids",
    "placed",
    "plan_path",
    "policy_named",
    "rank",
    "ranking_index",
    "readiness",
    "readiness_interval",
    "role_map",
    "rungs",
    "same_ladder",
    "snips",
    "stuck",
    "team_gaps",
]
