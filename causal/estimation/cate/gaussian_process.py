"""A Gaussian process of outcome and effect together: smooth surfaces for tables with few rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.estimation.cate._problem import Predict, Problem, Surfaces

SCALE_ROWS = 500
STEPS = 40
_START = (0.0, -0.5, -1.0, -1.0, -1.5, -0.5)
_BOUNDS = ((-6, 5), (-6, 5), (-6, 3), (-6, 4), (-6, 4), (-5, 1.5))
_REACH = (-5.0, 1.5)
_PRIOR = 2.0  # precision of a log relevance: a column matters about as much as the others


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianProcess:
    """y = m(x) + (a - e(x)) tau(x) + noise, m and tau each linear plus smooth.

    After Alaa and van der Schaar (2017) and Hahn, Murray, Carvalho (2020): outcome and effect have
    priors of their own, so that an effect may be smoother than the outcome and use other columns.
    ``scales`` (logarithms: linear and smooth part of m; constant, linear and smooth part of tau;
    noise; then how much each column matters to m, and to tau) maximise the marginal likelihood of
    at most 500 rows. Time grows with the cube of the rows.
    """

    scales: tuple[float, ...] = _START

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        return ("gaussian_process",)

    def scaled(self, problem: Problem) -> GaussianProcess:
        """The same learner with its scales read off the problem, once for every fit."""
        from scipy.optimize import minimize

        draw = stream(problem.seed, "gaussian_process").permutation(problem.rows)[:SCALE_ROWS]
        rows = np.sort(draw[_usable(problem, draw)])
        z = _standard(problem)[rows]
        d = z.shape[1]
        start = np.concatenate([self.scales[:6], np.full(2 * d, -0.5 * np.log(max(d, 1)))])
        found = minimize(
            _surprise,
            start,
            args=(z, *_outcome(problem, rows)),
            jac=True,
            method="L-BFGS-B",
            bounds=[*_BOUNDS, *[_REACH] * (2 * d)],
            options={"maxiter": STEPS},
        )
        return replace(self, scales=tuple(float(each) for each in found.x))

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Condition the process on the rows."""
        used = train[_usable(problem, train)]
        z = _standard(problem)
        scales = _with_columns(np.array(self.scales), z.shape[1])
        y, lean, weight = _outcome(problem, used)
        prior = _prior(scales, z[used], z[used])
        effect = _effect(scales, z[used], z[used])
        together = prior + lean[:, None] * effect * lean + np.diag(np.exp(scales[5]) / weight)
        mean, spread = _moments(problem, used)
        pull = np.linalg.solve(together, y) * spread
        leaning = np.asarray(problem.lean)

        def effects(rows: IntArray) -> FloatArray:
            return (_effect(scales, z[rows], z[used]) @ (lean * pull))[:, None]

        def outcomes(rows: IntArray) -> FloatArray:
            level = mean + _prior(scales, z[rows], z[used]) @ pull
            return level[:, None] + leaning[rows, None] * effects(rows)

        return Surfaces(effects=effects, outcomes=outcomes)


def _usable(problem: Problem, rows: IntArray) -> IntArray:
    """Positions of the rows that have an outcome and take part in the contrast."""
    if problem.outcome is None or problem.lean is None:
        raise ValueError("a gaussian process needs outcome and attribute")
    return np.flatnonzero(np.isfinite(problem.outcome[rows]) & (problem.r_precision[rows] > 0))


def _moments(problem: Problem, rows: IntArray) -> tuple[float, float]:
    y = np.asarray(problem.outcome)[rows]
    return float(y.mean()), float(y.std()) or 1.0


def _standard(problem: Problem) -> FloatArray:
    """Standardised terms, (n, d)."""
    terms = problem.features.terms
    spread = terms.std(axis=0)
    return (terms - terms.mean(axis=0)) / np.where(spread > 1e-12, spread, np.inf)


def _with_columns(scales: FloatArray, d: int) -> FloatArray:
    """Scales with a relevance for each column; the same for all when none was read."""
    if scales.size == 6 + 2 * d:
        return scales
    return np.concatenate([scales[:6], np.full(2 * d, -0.5 * np.log(max(d, 1)))])


def _outcome(problem: Problem, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Standardised outcome, lean and weight of rows, (m,) each."""
    mean, spread = _moments(problem, rows)
    lean = np.asarray(problem.lean)[rows]
    weight = problem.r_precision[rows] / lean**2
    return (np.asarray(problem.outcome)[rows] - mean) / spread, lean, weight / weight.mean()


def _near(left: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inner products of rows, and exp(-distance squared / 2)."""
    products = left @ right.T
    square = np.sum(left**2, axis=1)[:, None] + np.sum(right**2, axis=1) - 2 * products
    return products, np.exp(-np.maximum(square, 0.0) / 2)


def _prior(scales: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Covariance of m."""
    d = left.shape[1]
    own = np.exp(scales[6 : 6 + d])
    products, near = _near(left * own, right * own)
    return np.exp(scales[0]) * products + np.exp(scales[1]) * near


def _effect(scales: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Covariance of tau."""
    d = left.shape[1]
    own = np.exp(scales[6 + d :])
    products, near = _near(left * own, right * own)
    return np.exp(scales[2]) + np.exp(scales[3]) * products + np.exp(scales[4]) * near


def _surprise(
    scales: FloatArray, z: FloatArray, y: FloatArray, lean: FloatArray, weight: FloatArray
) -> tuple[float, FloatArray]:
    """Negative log marginal likelihood and its gradient (Rasmussen, Williams 2006, eq. 5.9)."""
    from scipy.linalg import cho_factor, cho_solve

    d = z.shape[1]
    size = np.exp(scales[:6])
    m, t = z * np.exp(scales[6 : 6 + d]), z * np.exp(scales[6 + d :])
    (m_products, m_near), (t_products, t_near) = _near(m, m), _near(t, t)
    effect = size[2] + size[3] * t_products + size[4] * t_near
    together = size[0] * m_products + size[1] * m_near + lean[:, None] * effect * lean
    factor = cho_factor(together + np.diag(size[5] / weight), lower=True)
    alpha = cho_solve(factor, y)
    gap = cho_solve(factor, np.eye(y.size)) - np.outer(alpha, alpha)
    leaning = lean[:, None] * gap * lean
    gradient = np.zeros(scales.size)
    gradient[:6] = (
        size[0] * np.sum(gap * m_products),
        size[1] * np.sum(gap * m_near),
        size[2] * np.sum(leaning),
        size[3] * np.sum(leaning * t_products),
        size[4] * np.sum(leaning * t_near),
        size[5] * float(np.diag(gap) @ (1 / weight)),
    )
    gradient[6 : 6 + d] = _by_column(m, size[0] * gap, size[1] * gap * m_near)
    gradient[6 + d :] = _by_column(t, size[3] * leaning, size[4] * leaning * t_near)
    centre = scales[6:] + 0.5 * np.log(max(d, 1))
    gradient[6:] += 2 * _PRIOR * centre
    value = 0.5 * float(y @ alpha) + float(np.sum(np.log(np.diag(factor[0]))))
    return value + 0.5 * _PRIOR * float(centre @ centre), 0.5 * gradient


def _by_column(scaled: FloatArray, linear: FloatArray, smooth: FloatArray) -> FloatArray:
    """Derivative of sums over pairs by the log relevance of each column, (d,).

    ``linear`` and ``smooth`` weigh inner products and, each with its kernel, squared distances.
    """
    products = 2 * np.sum(scaled * (linear @ scaled), axis=0)
    apart = 2 * (smooth.sum(axis=1) @ scaled**2 - np.sum(scaled * (smooth @ scaled), axis=0))
    return np.asarray(products - apart)
