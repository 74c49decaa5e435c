"""Intervals and tests read off joint estimates: pointwise, simultaneous, adjusted, relative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.streams import stream
from causal.data.panel import BoolArray, FloatArray
from causal.estimation._estimates import Estimates, sums, variance

DRAWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inference:
    """What is printed of p estimates of one family; every array has shape (p,)."""

    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    simultaneous_low: FloatArray
    simultaneous_high: FloatArray
    p_value: FloatArray
    p_adjusted: FloatArray
    relative: FloatArray
    relative_low: FloatArray
    relative_high: FloatArray
    critical: FloatArray


def infer(
    estimates: Estimates, *, level: float, multiplicity: str, seed: int, family: str
) -> Inference:
    """Make every interval and p-value of one family.

    The simultaneous critical value is the quantile of the largest |t| over the family under the
    joint covariance (Hothorn, Bretz, Westfall 2008), on the scale of p-values so that estimates may
    differ in degrees of freedom, and never below the pointwise one. Every t has a standard error
    of its own; those of correlated estimates vary together.
    """
    from scipy.stats import t as student

    se = estimates.std_errors
    usable = np.isfinite(estimates.values) & (se > 0) & np.isfinite(estimates.df)
    df = np.where(usable, estimates.df, 1.0)
    scale = np.where(usable, se, np.nan)
    statistic = np.abs(estimates.values / scale)
    p = np.where(usable, 2 * student.sf(statistic, df), np.nan)
    alpha = 1 - level
    least = _least_p(estimates, usable, df, stream(seed, "simultaneous", family))
    alpha_family = min(alpha, float(np.quantile(least, alpha))) if least.size else alpha
    pointwise = student.isf(alpha / 2, df)
    joint = student.isf(alpha_family / 2, df)
    relative = _relative(estimates, se, pointwise, usable)
    return Inference(
        std_error=scale,
        ci_low=estimates.values - pointwise * scale,
        ci_high=estimates.values + pointwise * scale,
        simultaneous_low=estimates.values - joint * scale,
        simultaneous_high=estimates.values + joint * scale,
        p_value=p,
        p_adjusted=adjust(p, least, multiplicity),
        relative=relative[0],
        relative_low=relative[1],
        relative_high=relative[2],
        critical=joint if multiplicity == "simultaneous" else pointwise,
    )


def adjust(p: FloatArray, least: FloatArray, multiplicity: str) -> FloatArray:
    """Adjust p-values for the family they were looked at in; NaN stays NaN.

    ``simultaneous``: the share of draws under the null whose smallest p is as small. ``holm``
    (Holm 1979), ``bh`` (Benjamini, Hochberg 1995), ``none``.
    """
    known = np.flatnonzero(~np.isnan(p))
    out = p.copy()
    if not known.size or multiplicity == "none":
        return out
    if multiplicity == "simultaneous":
        ordered = np.sort(least)
        share = np.searchsorted(ordered, p[known], side="right") / max(ordered.size, 1)
        out[known] = np.maximum(share, p[known])
        return out
    from statsmodels.stats.multitest import multipletests

    method = {"holm": "holm", "bh": "fdr_bh"}[multiplicity]
    out[known] = multipletests(p[known], method=method)[1]
    return out


def _least_p(
    estimates: Estimates, usable: np.ndarray, df: FloatArray, draws: np.random.Generator
) -> FloatArray:
    """Draw the smallest two-sided p of the family under the null, shape (draws,)."""
    from scipy.special import stdtr

    index = np.flatnonzero(usable)
    if not index.size:
        return np.zeros(0)
    nu = df[index]
    r = correlation(estimates.select(index).covariance(), nu)
    z = np.abs(draws.standard_normal((DRAWS, index.size)) @ _root(r).T)
    squared = draws.standard_normal((DRAWS, index.size)) @ _root(r**2).T
    place = np.clip((squared + _REACH) * _FINE, 0, _GRID.size - 1).astype(np.int32)
    least = np.ones(DRAWS)
    steps = np.round(np.log(nu) / _STEP).astype(int)
    for step in np.unique(steps):
        own, among = float(np.exp(step * _STEP)), steps == step
        scale = _root_mean_square(own)[place[:, among]]
        least = np.minimum(least, 2 * stdtr(own, -(z[:, among] / scale).max(axis=1)))
    return least


def correlation(v: FloatArray, df: FloatArray) -> FloatArray:
    """Correlations, shrunk to zero by how little so few clusters know of them.

    With more estimates than clusters the raw ones are of low rank, which makes the largest of many
    look smaller than it is (Schaefer, Strimmer 2005, with var r = (1 - r^2)^2 / df).

    Parameters
    ----------
    v
        Covariance, (p, p).
    df
        Degrees of freedom of each estimate, (p,).
    """
    sd = np.sqrt(np.maximum(np.diag(v), 1e-300))
    r = np.clip(v / np.outer(sd, sd), -1.0, 1.0)
    beside = ~np.eye(r.shape[0], dtype=bool)
    doubt = ((1 - r**2) ** 2 / np.minimum.outer(df, df))[beside].sum()
    known = (r**2)[beside].sum()
    r = r * (1 - min(1.0, doubt / known if known > 0 else 1.0))
    np.fill_diagonal(r, 1.0)
    return np.asarray(r)


_REACH, _FINE = 6.0, 500
_GRID = (np.arange(2 * int(_REACH) * _FINE) + 0.5) / _FINE - _REACH
_STEP = 0.1  # Degrees of freedom within ten per cent are drawn as one.


def _root_mean_square(df: float) -> FloatArray:
    """Root of quantiles of chi-square over its degrees of freedom, at the normal deviates."""
    from scipy.stats import chi2, norm

    return np.asarray(np.sqrt(np.maximum(chi2.ppf(norm.cdf(_GRID), df) / df, 1e-12)))


def _root(r: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(r)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _relative(
    estimates: Estimates, se: FloatArray, critical: FloatArray, usable: np.ndarray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Effect over baseline with Fieller's interval (1954); NaN where it is unbounded."""
    theta, mu = estimates.values, estimates.baseline
    cov, var = estimates.baseline_variance.T
    with np.errstate(all="ignore"):
        a = mu**2 - critical**2 * var
        b = theta * mu - critical**2 * cov
        c = theta**2 - critical**2 * se**2
        root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
        bounded = usable & (a > 0)
        low = np.where(bounded, (b - root) / a, np.nan)
        high = np.where(bounded, (b + root) / a, np.nan)
        value = np.where(usable & (mu != 0), theta / mu, np.nan)
    return value, low, high


def inside_margin(
    estimates: Estimates, se: FloatArray, critical: FloatArray, margin: FloatArray
) -> np.ndarray:
    """Whether an effect as large as ``margin`` times the baseline is ruled out both ways, (p,).

    Tested on theta + m mu and theta - m mu with variances of their own, so that the baseline's
    uncertainty counts.
    """
    theta, mu = estimates.values, np.abs(estimates.baseline)
    sign = np.sign(estimates.baseline)
    cov, var = estimates.baseline_variance.T
    with np.errstate(all="ignore"):
        up = np.sqrt(np.maximum(se**2 + 2 * margin * sign * cov + margin**2 * var, 0))
        down = np.sqrt(np.maximum(se**2 - 2 * margin * sign * cov + margin**2 * var, 0))
        above = theta + margin * mu - critical * up > 0
        below = theta - margin * mu + critical * down < 0
    return np.asarray(above & below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wald:
    """A joint test that several quantities are all zero."""

    statistic: float
    df: int
    p_value: float


def differences_from_average(
    segments: Estimates, whole: Estimates
) -> tuple[FloatArray, FloatArray, FloatArray, Wald]:
    """Each segment's effect minus the effect over all, its error and p, and the joint test.

    Parameters
    ----------
    segments
        The k segments of one attribute, contrast and outcome.
    whole
        The one estimate over all rows, on the same cells.

    Returns
    -------
    tuple
        Differences, standard errors and p-values, each (k,), and the test that all k
        are equal.
    """
    from scipy.stats import t as student

    difference = segments.values - whole.values[0]
    influence = segments.influence - whole.influence[:, :1]
    se = np.sqrt(np.maximum(variance(influence, influence, segments.ways), 0.0))
    df = np.minimum(segments.df, whole.df[0])
    with np.errstate(all="ignore"):
        p = 2 * student.sf(np.abs(difference / se), df)
    return difference, se, p, all_equal(segments)


def all_equal(segments: Estimates) -> Wald:
    """Test that k segments have one effect: Wald on k - 1 differences from the joint covariance.

    Referred to Hotelling's T-squared with the degrees of freedom of :func:`wald_df`; where only
    sums are known, with the fewest of any segment.
    """
    from scipy.stats import f as fisher

    rank = len(segments) - 1
    error = segments.std_errors
    if rank < 1 or not np.all(np.isfinite(segments.values)) or not np.all(error > 0):
        return Wald(statistic=float("nan"), df=0, p_value=float("nan"))
    apart = segments.values[1:] - segments.values[0]
    v = joint(segments.influence[:, 1:] - segments.influence[:, :1], segments)
    statistic = float(apart @ np.linalg.pinv(v, hermitian=True) @ apart)
    nu = min(
        (
            wald_df(
                error**2, segments.df, sums((segments.influence != 0).astype(float), way, size) > 0
            )
            for way, size in ((way, int(way.max()) + 1) for way in segments.ways)
        ),
        default=float(segments.df.min()),
    )
    rest = max(nu - rank + 1, 1.0)
    p_value = float(fisher.sf(statistic * rest / (max(nu, rank) * rank), rank, rest))
    return Wald(statistic=statistic, df=rank, p_value=p_value)


def wald_df(variances: FloatArray, df: FloatArray, present: BoolArray) -> float:
    """Degrees of freedom of the covariance behind a test that k segments are equal.

    Matches the variance of the covariance's entries to that of a Wishart (Pustejovsky, Tipton 2018,
    eq. 14), with noise that is independent between segments. Segments with clusters of their own
    give what Welch (1951) gives; segments that share the same clusters give their number.

    Parameters
    ----------
    variances, df
        Variance and degrees of freedom of each segment, (k,).
    present
        Whether a cluster has rows in a segment, (clusters, k).

    Examples
    --------
    >>> shared, own = np.ones((10, 2), bool), np.repeat(np.eye(2, dtype=bool), 10, axis=0)
    >>> round(wald_df(np.ones(2), np.full(2, 9.0), shared), 6)
    10.0
    >>> round(wald_df(np.ones(2), np.full(2, 9.0), own), 6)
    20.0
    """
    k = variances.size
    weight = 1 / variances
    root = np.sqrt(weight / weight.sum())
    hat = np.eye(k) - np.outer(root, root)
    counts = present.sum(axis=0)
    share = present / counts * np.sqrt(np.maximum(counts / (df + 1), 1.0))
    noise = np.sum((share @ np.diag(hat)) ** 2) + np.sum((share @ hat**2) * share)
    return float(k * (k - 1) / noise)


def joint(influence: FloatArray, like: Estimates) -> FloatArray:
    """Covariance of columns of influence on the cells of other estimates."""
    from causal.estimation._estimates import covariance

    return covariance(influence, like.ways)
