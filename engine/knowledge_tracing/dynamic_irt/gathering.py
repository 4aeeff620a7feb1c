"""Adding up :mod:`.information` learner by learner, in plain Python; :mod:`.kernels` compiles it.

Within one learner, place 0 is the learner's own ability and the places from 1 on are the abilities
in the skills met. A skill met has two terms: its easiness at its place, its practice slope n places
on. Rows and columns of place 0 among the terms stay empty.
"""

from __future__ import annotations

import numpy as np

from .filtering import Row

__all__ = ["gather", "invert"]


def gather(
    learner_of: Row,
    item_of: Row,
    start: Row,
    pair_skill: Row,
    weight: Row,
    share: Row,
    practised: Row,
    variance: Row,
    learner_variance: Row,
    lost: Row,
    across: Row,
    lost_across: Row,
    skills: Row,
    lost_skills: Row,
) -> None:
    """Add the information of all learners to the last five, which :class:`.Information` names.

    `variance` and `learner_variance` are those of the abilities; `weight` is the precision of each
    answer once they are known.
    """
    n_skills = len(skills) // 2
    place = np.full(n_skills, -1)
    first_of, begin = np.full(len(lost), -1), 0
    while begin < len(item_of):
        end, n = begin + 1, 1
        while end < len(item_of) and learner_of[end] == learner_of[begin]:
            end += 1
        met = np.empty(start[end] - start[begin], np.int64)
        for p in range(start[begin], start[end]):
            if place[pair_skill[p]] < 0:
                place[pair_skill[p]], met[n - 1] = n, pair_skill[p]
                n += 1
        # Precision of the abilities, and of the terms against the abilities: A'WA and Z'WA.
        known, by_term = np.zeros((n, n)), np.zeros((2 * n, n))
        known[0, 0] = 1.0 / learner_variance[begin]
        for p in range(start[begin], start[end]):
            known[place[pair_skill[p]], place[pair_skill[p]]] = 1.0 / variance[p]
        for t in range(begin, end):
            known[0, 0] += weight[t]
            for p in range(start[t], start[t + 1]):
                j, w = place[pair_skill[p]], weight[t] * share[p]
                known[0, j] += w
                known[j, 0] += w
                by_term[j, 0] += w
                by_term[n + j, 0] += w * practised[p]
                for q in range(start[t], start[t + 1]):
                    i, both = place[pair_skill[q]], w * share[q]
                    known[j, i] += both
                    by_term[j, i] += both
                    by_term[n + j, i] += both * practised[p]
                    skills[met[j - 1], met[i - 1]] += both
                    skills[n_skills + met[j - 1], met[i - 1]] += both * practised[p]
                    skills[met[i - 1], n_skills + met[j - 1]] += both * practised[p]
                    slopes = both * practised[p] * practised[q]
                    skills[n_skills + met[j - 1], n_skills + met[i - 1]] += slopes
        invert(known)
        column = np.empty(2 * n, np.int64)
        for j in range(1, n):
            column[j], column[n + j] = met[j - 1], n_skills + met[j - 1]
        told = np.zeros((n, 2 * n))  # what knowing the terms would tell of the abilities
        for a in range(2 * n):
            for c in range(n):
                if by_term[a, c] != 0.0:
                    for i in range(n):
                        told[i, a] += known[i, c] * by_term[a, c]
        for a in range(2 * n):
            for c in range(n):
                if by_term[a, c] != 0.0:
                    for b in range(2 * n):
                        if b % n > 0:
                            lost_skills[column[a], column[b]] += by_term[a, c] * told[c, b]
        of_item = np.zeros((end - begin, n))  # each item against the abilities, so far
        for t in range(begin, end):
            i = item_of[t]
            if first_of[i] < begin:
                first_of[i] = t
            row = first_of[i] - begin
            for p in range(start[t] - 1, start[t + 1]):
                c, w = 0, weight[t]
                if p >= start[t]:
                    c, w = place[pair_skill[p]], weight[t] * share[p]
                    across[i, column[c]] += w
                    across[i, column[n + c]] += w * practised[p]
                for b in range(1, n):
                    lost_across[i, column[b]] += w * told[c, b]
                    lost_across[i, column[n + b]] += w * told[c, n + b]
                    lost[i] += 2.0 * w * known[c, b] * of_item[row, b]
                lost[i] += 2.0 * w * known[c, 0] * of_item[row, 0] + w * w * known[c, c]
                of_item[row, c] += w
        for j in range(1, n):
            place[met[j - 1]] = -1
        begin = end


def invert(matrix: Row) -> None:
    """Invert a positive definite matrix, in place (Gauss–Jordan).

    Examples
    --------
    >>> matrix = np.array([[2.0, 1.0], [1.0, 1.0]])
    >>> invert(matrix)
    >>> matrix
    array([[ 1., -1.],
           [-1.,  2.]])
    """
    n = len(matrix)
    for k in range(n):
        pivot = 1.0 / matrix[k, k]
        matrix[k, k] = 1.0
        for j in range(n):
            matrix[k, j] *= pivot
        for i in range(n):
            factor = matrix[i, k]
            if i != k and factor != 0.0:
                matrix[i, k] = 0.0
                for j in range(n):
                    matrix[i, j] -= factor * matrix[k, j]
