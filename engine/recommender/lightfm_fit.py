"""LightFM behind one function: imported when a prior is fitted, never where it serves.

Kula (2015), "Metadata embeddings for user and item cold-start recommendations".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Vectors = NDArray[np.float32]

__all__ = ["Factors", "factors_by_lightfm"]


class Factors(NamedTuple):
    """What was learned: per feature of learners and modules a vector, of modules also a bias."""

    learners: Vectors
    modules: Vectors
    biases: Vectors


def factors_by_lightfm(
    pairs: NDArray[np.int64],
    learners: Sequence[Sequence[int]],
    modules: Sequence[Sequence[int]],
    *,
    components: int,
    epochs: int,
    learning_rate: float,
    regularization: float,
    seed: int,
) -> Factors:
    """Return the factors of who completed what, under LightFM's WARP loss, on one thread.

    Parameters
    ----------
    pairs : ndarray of int, shape (n_pairs, 2)
        Learner and module, each pair once.
    learners, modules : sequence of sequence of int
        The features of each, numbered from 0.
    components, epochs, learning_rate, regularization, seed
        As LightFM has them; one thread, so that a seed gives the same bits again.

    Raises
    ------
    ImportError
        LightFM is not installed.
    """
    try:
        from lightfm import LightFM
    except ImportError as error:
        told = f"{error}: lightfm-next comes with attain[offline], and takes a C compiler"
        raise ImportError(told, name=error.name) from error
    from scipy.sparse import coo_matrix

    model = LightFM(
        no_components=components,
        loss="warp",
        learning_rate=learning_rate,
        item_alpha=regularization,
        user_alpha=regularization,
        random_state=seed,
    )
    ones = np.ones(len(pairs), np.float32)
    completed = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), (len(learners), len(modules)))
    model.fit(
        completed,
        user_features=_indicators(learners),
        item_features=_indicators(modules),
        epochs=epochs,
        num_threads=1,
    )
    return Factors(model.user_embeddings, model.item_embeddings, model.item_biases)


def _indicators(features: Sequence[Sequence[int]]) -> csr_matrix:
    from scipy.sparse import csr_matrix

    starts = np.concatenate([[0], np.cumsum([len(one) for one in features])])
    columns = np.array([k for one in features for k in one], np.int32)
    shape = (len(features), int(columns.max()) + 1)
    return csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape)
