"""Balance after weighting, on joint terms of columns and on the outcome prediction too.

Main effects can balance perfectly while a product that drives both attribute and outcome does not
(METHODS 2), so the product is looked at itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Kind
from causal.data.panel import FloatArray, IntArray
from causal.estimation._boosting import MOST_START_ROWS
from causal.estimation._estimates import cells_of, distinct, sums, variance
from causal.estimation._features import Basis
from causal.estimation._fit import Fit
from causal.estimation._scores import difference_of_ratios
from causal.estimation._start import JointStart, joint_start, linear_start
from causal.evaluation._chance import FAIL_Z, limit, normal_size
from causal.evaluation._evaluated import Evaluated, once_a_fit

WARN_AT = 0.10
FAIL_AT = 0.20
LEADING = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Standardised mean difference of one term, before and after weighting.

    ``noise`` is the clustered standard error of the difference after weighting, ``df`` its degrees
    of freedom.
    """

    attribute: str
    design: str
    term: str
    before: float
    after: float
    noise: float
    df: float


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN above 0.1 and FAIL above 0.2 standard deviations, where that is beyond chance.

    Beyond chance is what three standard errors are in one comparison, over all terms looked at.
    """
    findings = []
    for fit in evaluated.fits:
        rows = balances(fit)
        if not rows or not fit.design.claims:
            continue
        bound = limit(FAIL_Z, len(rows))
        beyond, worst = max(
            ((_beyond(row, bound), row) for row in rows),
            key=lambda pair: (pair[0], abs(pair[1].after), pair[1].attribute, pair[1].term),
        )
        status = (
            Status.FAIL if beyond > FAIL_AT else Status.WARN if beyond > WARN_AT else Status.PASS
        )
        findings.append(
            Finding(
                name="balance",
                status=status,
                statistic=abs(worst.after),
                threshold=FAIL_AT,
                meaning=f"After weighting in the {fit.design.name} design the largest difference "
                f"between rows with and without an attribute is {abs(worst.after):.2f} standard "
                f"deviations: {worst.term} for '{worst.attribute}'.",
                remedy=""
                if status is Status.PASS
                else "Add that term as a derived confounder, or coarsen the attribute.",
                columns=() if status is Status.PASS else (worst.attribute,),
            )
        )
    return tuple(findings)


def _beyond(row: Balance, bound: float) -> float:
    """The difference after weighting, or zero when it may be chance."""
    if np.isnan(row.noise) or row.after == 0:
        return 0.0
    if row.noise == 0:
        return abs(row.after)
    return abs(row.after) if normal_size(row.after / row.noise, row.df) > bound else 0.0


@once_a_fit
def balances(fit: Fit) -> tuple[Balance, ...]:
    """Balance of main terms, products of the leading ones and the outcome predictions."""
    nuisances = fit.nuisances
    if nuisances is None:
        return ()
    found: list[Balance] = []
    for attribute in fit.setting.study.attributes:
        column = fit.setting.panel.columns[attribute.name]
        pairs = sorted(key for key in nuisances.propensity if key[0] == attribute.name)
        if column.kind is not Kind.BINARY or not pairs:
            continue
        a = column.values[nuisances.rows]
        known = ~np.isnan(a)
        if not {0.0, 1.0} <= set(np.unique(a[known])):
            continue
        e = nuisances.propensity[pairs[0]][known]
        target = _arms(a[known], e, fit.estimands[attribute.name])
        cells = cells_of(tuple(way[nuisances.rows][known] for way in fit.setting.panel.clusters))
        df = min(distinct(way) for way in cells[1]) - 1.0
        found += [
            _balance((attribute.name, fit.design.name, name), values, target, cells, df)
            for name, values in _terms(fit, attribute.name, known)
        ]
    return tuple(found)


def _arms(a: FloatArray, e: FloatArray, estimand: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Attribute and the weights that make its two arms alike."""
    on, off = a == 1, a == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = {
            "ATE": on / e[:, 1] + off / e[:, 0],
            "ATT": on + off * e[:, 1] / e[:, 0],
            "ATO": on * e[:, 0] + off * e[:, 1],
        }
    return on.astype(float), off.astype(float), weights[estimand]


def _terms(fit: Fit, attribute: str, known: np.ndarray) -> Iterator[tuple[str, FloatArray]]:
    panel, nuisances = fit.setting.panel, fit.nuisances
    if nuisances is None or not fit.design.adjustment[attribute]:
        return
    main: list[tuple[str, FloatArray]] = []
    for name in fit.design.adjustment[attribute]:
        column = panel.columns[name]
        values = column.values[nuisances.rows][known]
        if column.kind is Kind.CATEGORICAL:
            basis = Basis.of(column, values).terms(values)[:, :10]
            labels = [f"{name} #{j + 1}" for j in range(basis.shape[1])]
            main.extend(zip(labels, basis.T, strict=True))
        else:
            mean = float(np.nanmean(values)) if np.any(~np.isnan(values)) else 0.0
            main.append((name, np.where(np.isnan(values), mean, values)))
    main = [(name, values) for name, values in main if np.ptp(values) > 0]
    yield from main
    folds = panel.folds[nuisances.rows][known]
    predictions = [
        (key[1], _within(nuisances.outcome[key].value[known, 0], folds))
        for key in sorted(nuisances.outcome)
        if key[0] == attribute
    ]
    for name, values in predictions:
        yield f"predicted {name} without it", values
    if predictions:
        yield from _products(main, predictions[0][1])
        first = next(key for key in sorted(nuisances.outcome) if key[0] == attribute)
        yield from _joint(main, panel.outcomes[first[1]].value[nuisances.rows][known])


def _within(prediction: FloatArray, folds: IntArray) -> FloatArray:
    """A prediction less its mean in each fold.

    Out of fold it leans on the average of the other folds, and so does the propensity: between
    folds the two go together where nothing is out of balance.
    """
    codes = np.unique(folds, return_inverse=True)[1]
    means = np.bincount(codes, prediction) / np.bincount(codes)
    return np.asarray(prediction - means[codes])


def _joint(
    main: list[tuple[str, FloatArray]], outcome: FloatArray
) -> Iterator[tuple[str, FloatArray]]:
    """Products of columns, and of their ranks, on which the outcome leans jointly."""
    from scipy.stats import rankdata

    rows = np.flatnonzero(~np.isnan(outcome))
    if len(main) < 2 or rows.size < 2:
        return
    terms = np.column_stack([values for _, values in main])
    some = rows[:: max(1, -(-rows.size // MOST_START_ROWS))]
    start = joint_start(linear_start, terms[some], outcome[some], None, logistic=False)
    if not isinstance(start, JointStart):
        return
    for members in start.sets:
        label = " x ".join(main[j][0] for j in members)
        z = [start.joint.sides.standard(terms, j) for j in members]
        yield f"{label}, jointly", np.prod(z, axis=0)
        ranks = [rankdata(column) / len(column) - 0.5 for column in z]
        yield f"{label}, their ranks", np.prod(ranks, axis=0)


def _products(
    main: list[tuple[str, FloatArray]], prediction: FloatArray
) -> Iterator[tuple[str, FloatArray]]:
    """Products of the terms most related to the outcome prediction, each standardised first."""
    scaled = [(name, (v - v.mean()) / v.std()) for name, v in main]
    p = prediction - prediction.mean()
    ranked = sorted(scaled, key=lambda term: (-abs(float(term[1] @ p)), term[0]))[:LEADING]
    for i, (first, x) in enumerate(ranked):
        for second, z in ranked[i + 1 :]:
            yield f"{first} x {second}", x * z


def _balance(
    names: tuple[str, str, str],
    values: FloatArray,
    target: tuple[FloatArray, FloatArray, FloatArray],
    cells: tuple[IntArray, tuple[IntArray, ...]],
    df: float,
) -> Balance:
    on, off, weight = target
    spread = float(np.sqrt((values[on > 0].var() + values[off > 0].var()) / 2)) or 1.0
    before = float(values[on > 0].mean() - values[off > 0].mean()) / spread
    pair = np.column_stack([weight * on, weight * off])
    after, influence = difference_of_ratios(
        np.column_stack([pair[:, 0] * values, pair[:, 0]]),
        np.column_stack([pair[:, 1] * values, pair[:, 1]]),
        1.0,
    )
    codes, ways = cells
    summed = sums(influence[:, None], codes, ways[0].size)
    noise = float(np.sqrt(max(variance(summed, summed, ways)[0], 0.0)))
    return Balance(
        attribute=names[0],
        design=names[1],
        term=names[2],
        before=before,
        after=after / spread,
        noise=noise / spread,
        df=df,
    )
