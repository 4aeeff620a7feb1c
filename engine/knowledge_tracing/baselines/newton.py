"""Ridge-penalised logistic regression by Newton's method on sparse rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["fit_logistic"]

_MAX_STEPS = 50
_MAX_INNER_STEPS = 200
_ENOUGH = 1e-6  # nats per row that one more step would still gain


def fit_logistic(X: Any, y: Array, ridge: Array) -> Array:
    """Return the weights w that minimise Σ log(1 + exp(x·w)) − y·(x·w) + ½ Σ ridge·w².

    Newton's method; each step is solved by conjugate gradients with a diagonal preconditioner, so
    that rare items and long histories weigh alike on the way, and halved until it helps (Lin, Weng
    & Keerthi 2008, Trust region Newton method for logistic regression, JMLR 9, uses the same
    products). Scores between 0 and 1 count in proportion.

    Parameters
    ----------
    X : sparse array, shape (n_rows, n_columns)
    y : ndarray of float, shape (n_rows,)
    ridge : ndarray of float, shape (n_columns,)
        The penalty of each weight, above 0.

    Examples
    --------
    Three right answers of four: the log-odds of three quarters.

    >>> from scipy.sparse import csr_array
    >>> w = fit_logistic(csr_array(np.ones((4, 1))), np.array([1.0, 1, 1, 0]), np.array([1e-9]))
    >>> round(float(w[0]), 4) == round(float(np.log(3)), 4)
    True
    """
    from scipy.special import expit

    transposed = X.T.tocsr()
    squared = transposed.power(2)

    def loss(z: Array, w: Array) -> float:
        return float((np.logaddexp(0.0, z) - y * z).sum() + 0.5 * (ridge * w**2).sum())

    w, z = np.zeros(X.shape[1]), np.zeros(len(y))
    reached = loss(z, w)
    for _ in range(_MAX_STEPS):
        p = expit(z)
        gradient = transposed @ (p - y) + ridge * w
        curvature = p * (1.0 - p)
        diagonal = squared @ curvature + ridge
        step = _newton_step(X, transposed, curvature, ridge, gradient=gradient, diagonal=diagonal)
        gain = -float((gradient * step).sum())
        moved = X @ step
        length = 1.0
        while (tried := loss(z + length * moved, w + length * step)) > reached and length > 1e-9:
            length /= 2.0
        w, z, reached = w + length * step, z + length * moved, min(tried, reached)
        if gain <= _ENOUGH * len(y):
            break
    return w


def _newton_step(
    X: Any, transposed: Any, curvature: Array, ridge: Array, *, gradient: Array, diagonal: Array
) -> Array:
    from scipy.sparse.linalg import LinearOperator, cg

    shape = (X.shape[1], X.shape[1])
    hessian = LinearOperator(
        shape, matvec=lambda v: transposed @ (curvature * (X @ v)) + ridge * v, dtype=float
    )
    preconditioner = LinearOperator(shape, matvec=lambda v: v / diagonal, dtype=float)
    # Rough far from the optimum, exact near it: superlinear convergence for few products.
    size = float(np.sqrt((gradient**2 / diagonal).sum() / len(curvature)))
    step, _ = cg(
        hessian,
        -gradient,
        rtol=min(0.1, max(1e-3, size)),
        M=preconditioner,
        maxiter=_MAX_INNER_STEPS,
    )
    found: Array = step
    return found
