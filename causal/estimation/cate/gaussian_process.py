"""A Gaussian process of outcome and effect together: smooth surfaces for tables with few rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.estimation.cate._problem import Predict, Problem

SCALE_ROWS = 500
_START = (0.0, -0.5, 0.5, -1.0, -1.0, -1.5, 0.5, -0.5)
_BOUNDS = ((-6, 5), (-6, 5), (-1, 2.5), (-6, 3), (-6, 4), (-6, 4), (-1, 2.5), (-5, 1.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianProcess:
    """y = m(x) + (a - e(x)) tau(x) + noise, m and tau each linear plus smooth.

    After Alaa and van der Schaar (2017) and Hahn, Murray, Carvalho (2020): outcome and effect have
    priors of their own, so that an effect may be smoother than the outcome. The eight ``scales``
    (logarithms: linear, smooth and reach of m; constant, linear, smooth and reach of tau; noise)
    maximise the marginal likelihood of at most 500 rows. Time grows with the cube of the rows.
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
        inputs = _inputs(problem, rows, rows)
        found = minimize(
            _surprise, np.array(self.scales), args=inputs, jac=True, method="L-BFGS-B",
            bounds=_BOUNDS, options={"maxiter": 60},
        )  # fmt: skip
        return replace(self, scales=tuple(float(each) for each in found.x))

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Condition the process on the rows."""
        used = train[_usable(problem, train)]
        lean, y, weight, products, apart = _inputs(problem, used, used)
        spread = _moments(problem, used)[1]
        prior, effect, _ = _kernels(np.array(self.scales), products, apart)
        noise = np.exp(self.scales[-1])
        together = prior + lean[:, None] * effect * lean[None, :] + np.diag(noise / weight)
        pull = lean * np.linalg.solve(together, y)

        def predict(rows: IntArray) -> FloatArray:
            _, _, _, products, apart = _inputs(problem, rows, used)
            _, effect, _ = _kernels(np.array(self.scales), products, apart)
            return (effect @ pull * spread)[:, None]

        return predict


def _usable(problem: Problem, rows: IntArray) -> IntArray:
    """Positions of the rows that have an outcome and take part in the contrast."""
    if problem.outcome is None or problem.lean is None:
        raise ValueError("a gaussian process needs outcome and attribute")
    return np.flatnonzero(np.isfinite(problem.outcome[rows]) & (problem.r_precision[rows] > 0))


def _moments(problem: Problem, rows: IntArray) -> tuple[float, float]:
    y = np.asarray(problem.outcome)[rows]
    return float(y.mean()), float(y.std()) or 1.0


def _inputs(
    problem: Problem, rows: IntArray, others: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Lean, standardised outcome and weight of rows (m,); products and distances to others."""
    terms = problem.features.terms
    centre, spread = terms.mean(axis=0), terms.std(axis=0)
    z = (terms - centre) / np.where(spread > 1e-12, spread, np.inf)
    d = max(z.shape[1], 1)
    products = z[rows] @ z[others].T / d
    square = np.sum(z**2, axis=1) / d
    apart = np.maximum(square[rows][:, None] + square[others][None, :] - 2 * products, 0.0)
    mean, scale = _moments(problem, others)
    lean = np.asarray(problem.lean)[rows]
    y = (np.asarray(problem.outcome)[rows] - mean) / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(lean != 0, problem.r_precision[rows] / lean**2, 1.0)
    return lean, y, weight / weight.mean(), products, apart


def _kernels(
    scales: FloatArray, products: FloatArray, apart: FloatArray
) -> tuple[FloatArray, FloatArray, list[FloatArray]]:
    """Covariance of m and of tau, and the derivative of each part by its log scale."""
    linear, smooth, reach, constant, e_linear, e_smooth, e_reach = np.exp(scales[:7])
    near, e_near = np.exp(-apart / (2 * reach**2)), np.exp(-apart / (2 * e_reach**2))
    parts = [
        linear * products,
        smooth * near,
        smooth * near * apart / reach**2,
        np.full_like(products, constant),
        e_linear * products,
        e_smooth * e_near,
        e_smooth * e_near * apart / e_reach**2,
    ]
    return parts[0] + parts[1], parts[3] + parts[4] + parts[5], parts


def _surprise(
    scales: FloatArray,
    lean: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    products: FloatArray,
    apart: FloatArray,
) -> tuple[float, FloatArray]:
    """Negative log marginal likelihood and its gradient (Rasmussen, Williams 2006, eq. 5.9)."""
    from scipy.linalg import cho_factor, cho_solve

    prior, effect, parts = _kernels(scales, products, apart)
    both = lean[:, None] * lean[None, :]
    noise = np.exp(scales[7]) / weight
    factor = cho_factor(prior + both * effect + np.diag(noise), lower=True)
    alpha = cho_solve(factor, y)
    inverse = cho_solve(factor, np.eye(y.size))
    gap = inverse - np.outer(alpha, alpha)
    leaning = gap * both
    gradient = [0.5 * float(np.sum((gap if k < 3 else leaning) * parts[k])) for k in range(7)]
    gradient.append(0.5 * float(np.diag(gap) @ noise))
    value = 0.5 * float(y @ alpha) + float(np.sum(np.log(np.diag(factor[0]))))
    return value, np.array(gradient)
