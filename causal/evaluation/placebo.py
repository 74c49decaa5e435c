"""Placebo: an attribute that was never there must show no effect, and errors of the right size.

The column's values are exchanged at the level at which it was assigned, many times. What the
models left of the outcome does not depend on the exchanged column, so the effect of each placebo is a
slope on residuals that are there already; nothing is fitted again. Over the draws the
effects in units of their errors must have mean 0 and spread 1. A larger spread says that the
errors are too small: rows hang together in a way that ``cluster`` does not name.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from causal.base.finding import Finding, Status
from causal.base.streams import stream
from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._contrasts import Contrast
from causal.estimation._estimates import cells_of, sums, variance
from causal.estimation._features import Basis
from causal.estimation._fit import Fit
from causal.estimation._scores import Support
from causal.estimation.within_block import demean, partial_out
from causal.evaluation._chance import FAIL_Z, judge, limit
from causal.evaluation._evaluated import Evaluated, once_a_fit
from causal.evaluation._exchange import Exchange, exchange
from causal.evaluation._verdict import Effect, Verdict, effect_of, named, usable

DRAWS = 200
LEAST_DRAWS = 20
MOST_CELLS = 10_000_000
TOLERATED = 0.1


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """FAIL, and stop the attribute's effects, when errors are too small beyond chance.

    Judged two-sided against the sampling error of the draws, a spread within a tenth of 1 being
    right, limits raised for the number of effects. Errors that are too large are a WARN: they stop
    nothing. An attribute that cannot be exchanged has no valid placebo, and the finding says so.
    """
    fit = evaluated.leading
    found = verdicts(fit)
    if not found:
        return ()
    tested = {e: v for e, v in found.items() if v.statistic is not None}
    untested = {e[0]: v.words for e, v in found.items() if v.statistic is None}
    findings = [_finding(fit, tested)] if tested else []
    if untested:
        words = "; ".join(f"'{name}': {why}" for name, why in untested.items())
        findings.append(
            Finding(
                name="placebo",
                status=Status.WARN,
                meaning=f"No valid placebo in the {fit.design.name} design for {words}",
                remedy="Nothing shows whether these errors have the right size: read them with "
                "the number of clusters in mind.",
                columns=tuple(untested),
            )
        )
    return tuple(findings)


def _finding(fit: Fit, tested: dict[Effect, Verdict]) -> Finding:
    rank = ("PASS", "WARN", "FAIL")
    effect, worst = max(
        tested.items(),
        key=lambda pair: (
            rank.index(pair[1].status or "PASS"),
            abs(float(np.log(max(pair[1].statistic or 1.0, 1e-9)))),
            pair[0],
        ),
    )
    status = Status(worst.status or "PASS")
    failed = tuple(dict.fromkeys(e[0] for e, v in tested.items() if v.status == "FAIL"))
    return Finding(
        name="placebo",
        status=status,
        statistic=worst.statistic,
        threshold=1.0,
        meaning=f"In the {fit.design.name} design an attribute that was never there was tried in "
        f"place of each ({len(tested)} in all). Least as it should be: {named(effect)}. "
        f"{worst.words}",
        remedy="" if status is Status.PASS else _remedy(fit, worst),
        blocks="design" if failed else "none",
        designs=(fit.design.name,) if failed else (),
        attributes=failed,
        columns=tuple(dict.fromkeys(e[0] for e, v in tested.items() if v.status != "PASS")),
    )


def _remedy(fit: Fit, worst: Verdict) -> str:
    """Which column to name in cluster."""
    study = fit.setting.study
    if (worst.statistic or 0.0) < 1:
        return "Nothing needs doing: the intervals are wider than they need be."
    if worst.numbers["undeclared"]:
        return f"Name '{worst.numbers['level']}' in cluster, so that errors count whole groups."
    if fit.design.within_block and not study.cluster:
        return f"Name '{', '.join(study.block)}' in cluster: rows of a block share its mean."
    return "Look for what ties rows together (a creator, a story, a day) and name it in cluster."


@once_a_fit
def verdicts(fit: Fit) -> dict[Effect, Verdict]:
    """Mean and spread of the placebo effects in their errors, for every effect of a design."""
    printed = {effect_of(fit, j) for j in usable(fit)}
    draws: dict[Effect, FloatArray | str] = {}
    levels: dict[str, Exchange] = {}
    for attribute in fit.setting.study.attributes:
        own = [effect for effect in sorted(printed) if effect[0] == attribute.name]
        if own:
            draws |= _attribute(fit, attribute, printed, levels)
    compared = 2 * sum(not isinstance(z, str) for z in draws.values())
    return {effect: _verdict(z, levels[effect[0]], compared) for effect, z in draws.items()}


def _attribute(
    fit: Fit, attribute: Attribute, printed: set[Effect], levels: dict[str, Exchange]
) -> dict[Effect, FloatArray | str]:
    setting = fit.setting
    known = np.flatnonzero(setting.rows & ~setting.panel.columns[attribute.name].missing)
    own = levels[attribute.name] = exchange(fit, attribute, known)
    keys = [
        (contrast, outcome)
        for contrast in setting.contrasts(attribute)
        for outcome in setting.study.outcomes
        if (attribute.name, contrast.label, outcome.name) in printed
    ]
    names = [(attribute.name, c.label, o.name) for c, o in keys]
    if own.refusal:
        return dict.fromkeys(names, own.refusal)
    random = stream(setting.study.settings.seed, "placebo", attribute.name)
    count = int(np.clip(MOST_CELLS // max(known.size, 1), LEAST_DRAWS, DRAWS))
    place = np.full(setting.panel.rows, -1)
    place[known] = np.arange(known.size)
    left = {o.name: _left(fit, attribute, o) for o in dict.fromkeys(o for _, o in keys)}
    continuous = setting.panel.columns[attribute.name].kind is Kind.CONTINUOUS
    trials = [_trial(left[o.name], own, place, c, continuous=continuous) for c, o in keys]
    z = np.empty((len(trials), count))
    for draw in range(count):
        placebo = own.draw(random)
        for k, trial in enumerate(trials):
            z[k, draw] = trial.z(placebo)
    return dict(zip(names, z, strict=True))


class _Left(NamedTuple):
    """What the models leave of an outcome, for the rows that know it; each (n,)."""

    rows: IntArray
    y: FloatArray
    weight: FloatArray
    block: IntArray | None
    cell: IntArray
    ways: tuple[IntArray, ...]


def _left(fit: Fit, attribute: Attribute, outcome: Outcome) -> _Left:
    panel = fit.setting.panel
    rows = fit.setting.known(attribute, outcome)
    measured = panel.outcomes[outcome.name]
    y, weight, block = measured.value[rows], measured.weight[rows], None
    if fit.design.within_block and panel.block is not None:
        block = np.unique(panel.block[rows], return_inverse=True)[1]
        y = _beside_others(fit, attribute, rows, y, weight, block)
    elif fit.nuisances is not None:
        y, weight = _from_models(fit, attribute, outcome, rows)
    cell, ways = cells_of(panel.clusters)
    return _Left(rows=rows, y=y, weight=weight, block=block, cell=cell[rows], ways=ways)


def _beside_others(
    fit: Fit,
    attribute: Attribute,
    rows: IntArray,
    y: FloatArray,
    weight: FloatArray,
    block: IntArray,
) -> FloatArray:
    """The outcome less what other columns say of it within blocks, shape (n,)."""
    held = fit.design.adjustment[attribute.name]
    columns = [fit.setting.panel.columns[name] for name in held]
    terms = [Basis.of(column, column.values).terms(column.values[rows]) for column in columns]
    inside = demean(np.column_stack([y, *terms, y]), weight, block)
    return partial_out(inside[:, :-1], 0, inside[:, -1], weight)[:, 1]


def _from_models(
    fit: Fit, attribute: Attribute, outcome: Outcome, rows: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Y - E[y | x] out of fold, composed as sum of e_a f(a, x); what a row counts; each (n,)."""
    nuisances, measured = fit.nuisances, fit.setting.panel.outcomes[outcome.name]
    if nuisances is None:
        raise ValueError("a modelled design needs nuisances")
    local = (np.cumsum(nuisances.rows) - 1)[rows]
    key = (attribute.name, outcome.name)
    y, weight = measured.value[rows], measured.weight[rows]
    if key in nuisances.without:
        return y - nuisances.without[key][local], weight
    model = nuisances.outcome[key]
    if measured.numerator is not None and measured.denominator is not None:
        y = measured.numerator[rows] - model.pooled * measured.denominator[rows]
        weight = np.ones(rows.size)
    expected = np.sum(nuisances.propensity[key][local] * model.value[local], axis=1)
    return y - expected, weight


def _trial(
    left: _Left, own: Exchange, place: IntArray, contrast: Contrast, *, continuous: bool
) -> _Trial:
    """Prepare one effect: what every draw shares."""
    where = place[left.rows]
    value, stratum = own.value, own.stratum
    groups = np.zeros(value.size, dtype=np.int64) if stratum is None else stratum
    on = value if continuous else (value == contrast.high).astype(float)
    inside = np.ones(value.size) if continuous else on + (value == contrast.low)
    total = np.bincount(groups, weights=inside)
    centre = np.bincount(groups, weights=on) / np.where(total > 0, total, 1.0)
    centred = left.y - np.average(left.y, weights=left.weight)
    return _Trial(
        left=left._replace(y=left.y if left.block is not None else centred),
        where=where,
        centre=centre[groups][own.unit][where],
        contrast=None if continuous else contrast,
        whole=continuous or bool(np.all(inside > 0)),
    )


class _Trial(NamedTuple):
    """One effect with a placebo in place of its attribute."""

    left: _Left
    where: IntArray
    centre: FloatArray
    contrast: Contrast | None
    whole: bool

    def z(self, placebo: FloatArray) -> float:
        """The placebo's effect in units of its error, as a normal deviate."""
        a = placebo[self.where]
        y, weight, block = self.left.y, self.left.weight, self.left.block
        treated = None
        if self.contrast is not None:
            treated = a == self.contrast.high
            if not self.whole:
                weight = weight * (treated | (a == self.contrast.low))
            a = treated.astype(float)
        if block is None:
            a = a - self.centre
        elif self.whole:
            a = demean(a[:, None], weight, block)[:, 0]
        else:
            a, y = demean(np.column_stack([a, y]), weight, block).T
        return self._studentised(a, y, weight, treated)

    def _studentised(
        self, a: FloatArray, y: FloatArray, weight: FloatArray, treated: BoolArray | None
    ) -> float:
        from scipy.special import ndtri, stdtr

        pull = weight * a
        spread = float(pull @ a)
        if not spread > 0:
            return float("nan")
        value = float(pull @ y) / spread
        rows = pull * (y - value * a) / spread
        counted = None if self.whole else weight > 0
        support = Support.of(pull, treated, counted, self.left.cell, self.left.ways)
        influence = sums(rows, self.left.cell, self.left.ways[0].size) * support.inflation
        error = np.sqrt(max(variance(influence[:, None], influence[:, None], self.left.ways)[0], 0))
        if not error > 0 or not np.isfinite(support.df):
            return float("nan")
        tail = float(stdtr(support.df, -abs(value) / error))
        return float(np.sign(value)) * -float(ndtri(max(tail, 1e-300)))


def _verdict(z: FloatArray | str, level: Exchange, compared: int) -> Verdict:
    if isinstance(z, str):
        return Verdict(check="placebo", status=None, words=f"No valid placebo: {z}.")
    z = z[np.isfinite(z)]
    if z.size < LEAST_DRAWS // 2:
        words = "No valid placebo: exchanged, the attribute no longer varies."
        return Verdict(check="placebo", status=None, words=words)
    spread = float(np.sqrt(np.mean(z**2)))
    wide, narrow = surprise(spread, z.size)
    shifted = abs(float(np.mean(z))) / max(spread, 1.0) * float(np.sqrt(z.size))
    status = max(
        judge(max(wide, shifted), compared), _at_most_warn(judge(narrow, compared)), key=_RANK.index
    )
    return Verdict(
        check="placebo",
        status=status.value,
        statistic=spread,
        words=_words(z.size, spread, level, status, shifted=shifted > limit(FAIL_Z, compared)),
        numbers={
            "draws": int(z.size),
            "mean": float(np.mean(z)),
            "spread": spread,
            "level": level.level,
            "undeclared": not level.declared and wide > 0 and level.level != "row",
        },
    )


_RANK = (Status.PASS, Status.WARN, Status.FAIL)


def _at_most_warn(status: Status) -> Status:
    return Status.WARN if status is Status.FAIL else status


def surprise(spread: float, draws: int) -> tuple[float, float]:
    """How surprising a spread is if it truly is within a tenth of 1: too wide, too narrow.

    As normal deviates, from the chi-square of the sum of squares of so many draws.

    >>> wide, narrow = surprise(1.5, 100)
    >>> wide > 4, narrow < 0
    (True, True)
    """
    from scipy.stats import chi2, norm

    total = draws * spread**2
    wide = norm.isf(np.maximum(chi2.sf(total / (1 + TOLERATED) ** 2, draws), 1e-300))
    narrow = norm.isf(np.maximum(chi2.cdf(total / (1 - TOLERATED) ** 2, draws), 1e-300))
    return float(wide), float(narrow)


def _words(draws: int, spread: float, level: Exchange, status: Status, *, shifted: bool) -> str:
    what = "rows" if level.level == "row" else f"whole groups of '{level.level}'"
    said = (
        f"Exchanged {draws} times between {what}, its false effects spread {spread:.2f} times "
        "what their errors say"
    )
    if status is Status.PASS:
        return f"{said}, as chance allows."
    if shifted:
        return f"{said}, and lean to one side."
    return f"{said}: the intervals are too {'narrow' if spread > 1 else 'wide'}."
