"""Paths from a log in which the ranker was asked twice: with the item's flag as it is, and flipped.

Impressions weighted by how much likelier their list had been with the flag flipped stand for those
that the item would have had (Li, Chu, Langford, Wang 2011). With Y(r, u) what an item gets in a
period when the ranker reads r and users see u, the users' part is Y(1, 1) - Y(1, 0) and the ranker's
Y(1, 0) - Y(0, 0). What users see is worth tau at a mean slot, and at slot k tau g(k), for as much as a
slot is looked at. Nothing that follows later, through counters or users, is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DesignError, listing
from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, FloatArray, IntArray, Panel
from causal.design.study import Study
from causal.estimation._contrasts import contrasts
from causal.estimation._estimates import Estimates, Label, Size, cells_of, distinct, sums
from causal.estimation.exposure.exploration import Examination

DESIGN = "replay"
FEWEST_CLUSTERS = 5
RATIO = (
    "a ratio is no amount that adds up over an item's impressions; give its numerator as an outcome "
    "by itself"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Views:
    """Weights that make the log one of another view of the ranker's, for one attribute.

    Attributes
    ----------
    known
        Rows of items of which it is known, shape (rows,).
    has
        Rows of items with the attribute, shape (rows,).
    on, off
        Weights to a ranker that takes the row's item to have it, and not to; shape (rows,).
    """

    known: BoolArray
    has: BoolArray
    on: FloatArray
    off: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What users see of an attribute, per impression.

    ``influence`` is by cell of the panel's clusters, shape (cells,).
    """

    value: float
    influence: FloatArray
    df: float
    refusal: str
    identification: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """How much each row's slot is looked at, over a mean; shape (rows,).

    ``slope`` (rows, slots) is its derivative by the curve, whose influence by cell of the panel is
    ``influence`` (cells, slots); both have no columns where the curve is not known.
    """

    value: FloatArray
    slope: FloatArray
    influence: FloatArray


def views(panel: Panel, attribute: Attribute) -> Views:
    """Weights of every row to both views of the ranker.

    Raises
    ------
    DesignError
        When the attribute is not had or not.
    """
    column, rows = panel.columns[attribute.name], panel.paths
    if column.kind is not Kind.BINARY:
        raise DesignError(
            f"exposure.flipped.{attribute.name}: the attribute has the levels "
            f"{listing(column.levels)}; only one that is had or not can be flipped."
        )
    if rows is None or rows.propensity is None:
        raise ValueError("The panel has no propensities.")
    contrast = contrasts(attribute, column, np.ones(panel.rows, dtype=bool))[0]
    has = np.asarray(column.values == contrast.high)
    known = ~np.isnan(column.values)
    ratio = np.where(known, rows.flipped[attribute.name] / rows.propensity, 1.0)
    return Views(known=known, has=has, on=np.where(has, 1.0, ratio), off=np.where(has, ratio, 1.0))


def looked(panel: Panel, curve: Examination | None, among: BoolArray) -> Looked:
    """What an examination curve says of each row; flat where there is none.

    Parameters
    ----------
    panel
        Rows are impressions.
    curve
        Of exploration traffic; None: not known.
    among
        Rows over which the mean is one, shape (rows,): those that what users see is known for.
    """
    codes, ways = cells_of(panel.clusters)
    rows, cells = panel.paths, ways[0].size
    flat = Looked(
        value=np.ones(panel.rows), slope=np.zeros((panel.rows, 0)), influence=np.zeros((cells, 0))
    )
    if curve is None or rows is None or rows.slot is None or panel.exploration is None:
        return flat
    found = np.concatenate([[1.0], curve.estimates.values])
    known = np.concatenate([[True], [not text for text in curve.estimates.refusal]])
    if not known.all():
        return flat
    at = np.minimum(np.searchsorted(curve.slots, rows.slot), found.size - 1)
    share = np.bincount(at[among], minlength=found.size) / max(int(among.sum()), 1)
    mean = float(share @ found)
    gamma = found[at]
    slope = (np.eye(found.size)[at] - gamma[:, None] * share[None, :] / mean) / mean
    own = np.unique(codes[panel.exploration])
    influence = np.zeros((cells, found.size - 1))
    influence[own] = curve.estimates.influence
    return Looked(value=gamma / mean, slope=slope[:, 1:], influence=influence)


def replay(
    study: Study,
    panel: Panel,
    attribute: Attribute,
    outcome: Outcome,
    seen: Seen,
    look: Looked,
) -> Estimates:
    """User, ranker and total of one attribute and outcome, per item and period.

    Parameters
    ----------
    study
        With ``exposure.flipped`` of the attribute.
    panel
        Rows are impressions.
    attribute, outcome
        Which; the outcome is a column.
    seen
        What users see, per impression.
    look
        How much of it there is in each slot.

    Returns
    -------
    Estimates
        Shape (3,). Rows without the attribute or the outcome count as the others do in the mean.
    """
    view = views(panel, attribute)
    y = panel.outcomes[outcome.name].value
    unit = units(study, panel)
    codes, ways = cells_of(panel.clusters)
    view = _of_known(view, view.known & ~np.isnan(y))
    y = np.nan_to_num(y)
    g = look.value
    # Each part is a mean over item-periods of: plain + tau * seen.
    plain = np.column_stack([np.zeros(panel.rows), (view.on - view.off) * y])
    by_tau = np.column_stack([view.on * g, -(view.on - view.off) * view.has * g])
    rows = plain + seen.value * by_tau
    rows = np.column_stack([rows, rows.sum(axis=1)])
    values = rows.sum(axis=0) / unit.count
    own = (rows - unit.share[:, None] * values) / unit.count
    influence = sums(own, codes, ways[0].size)
    a = by_tau.sum(axis=0) / unit.count
    influence += np.outer(seen.influence, [a[0], a[1], a.sum()])
    influence += _of_curve(view, look, seen.value, unit.count)
    groups = min(distinct(way) for way in panel.clusters)
    refusal = seen.refusal or _few(groups)
    ratio = "" if panel.outcomes[outcome.name].numerator is None else RATIO
    return Estimates(
        labels=tuple(_label(attribute, outcome, path, seen, study, panel)
                     for path in ("user", "ranker", "total")),
        sizes=(Size(units=panel.rows, clusters=groups, treated=float(view.has.sum()),
                    effective_units=float(unit.count)),) * 3,
        values=values,
        influence=influence,
        ways=ways,
        df=np.full(3, min(float(groups - 1), seen.df)),
        baseline=np.full(3, np.nan),
        baseline_variance=np.full((3, 2), np.nan),
        refusal=(refusal or ratio,) * 3,
    )  # fmt: skip


def _of_known(view: Views, known: BoolArray) -> Views:
    """Weights of the rows that are known, which count for the others too."""
    share = known.mean()
    if not 0 < share < 1:
        return view
    on, off = (np.where(known, weight, 0.0) / share for weight in (view.on, view.off))
    return Views(known=known, has=view.has & known, on=on, off=off)


def _of_curve(view: Views, look: Looked, tau: float, count: float) -> FloatArray:
    """Influence of the examination curve on the parts, shape (cells, 3)."""
    if not look.slope.shape[1]:
        return np.zeros((look.influence.shape[0], 3))
    user = view.on @ look.slope
    ranker = -((view.on - view.off) * view.has) @ look.slope
    slopes = np.stack([user, ranker, user + ranker], axis=1) * tau / count
    return np.asarray(look.influence @ slopes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Units:
    """Item-periods: how many, how many each row is a part of, and which row is of which.

    The shares of rows add up to ``count``.
    """

    count: float
    share: FloatArray
    codes: IntArray


def units(study: Study, panel: Panel) -> Units:
    """Count the items by periods that parts are given for.

    Those that were live and not shown are in the count when the study gives it; their part of the
    uncertainty is then shared by those shown.
    """
    rows = panel.paths
    if rows is None or rows.item is None or rows.period is None:
        raise ValueError("The panel has no items and periods.")
    pair = rows.item * (int(rows.period.max()) + 1) + rows.period
    codes = np.unique(pair, return_inverse=True)[1]
    shown = np.bincount(codes)
    given = study.exposure.live if study.exposure is not None else None
    count = float(given or shown.size)
    if count < shown.size:
        raise DesignError(
            f"exposure.live: {given:,} items by periods were live, but {shown.size:,} were shown. "
            "Count those that could have been shown, or remove the key."
        )
    return Units(count=count, share=(count / shown.size) / shown[codes], codes=codes)


def added(study: Study, panel: Panel, attribute: Attribute) -> Estimates:
    """Impressions that the ranker adds to an item in a period for its attribute; shape (1,)."""
    view, unit = views(panel, attribute), units(study, panel)
    view = _of_known(view, view.known)
    codes, ways = cells_of(panel.clusters)
    rows = view.on - view.off
    value = rows.sum() / unit.count
    groups = min(distinct(way) for way in panel.clusters)
    own = (rows - unit.share * value) / unit.count
    label = Label(
        attribute=attribute.name, contrast="1 - 0", outcome="impressions",
        estimand="per item and period", design=DESIGN, estimator="reweighted log",
        population="all items", identification="randomized", path="ranker",
    )  # fmt: skip
    return Estimates(
        labels=(label,),
        sizes=(Size(units=panel.rows, clusters=groups, treated=None, effective_units=unit.count),),
        values=np.array([value]),
        influence=sums(own[:, None], codes, ways[0].size),
        ways=ways,
        df=np.array([float(groups - 1)]),
        baseline=np.full(1, np.nan),
        baseline_variance=np.full((1, 2), np.nan),
        refusal=(_few(groups),),
    )


def _few(groups: int) -> str:
    few = groups < FEWEST_CLUSTERS
    return f"{groups} clusters; at least {FEWEST_CLUSTERS} are needed" if few else ""


def _label(
    attribute: Attribute, outcome: Outcome, path: str, seen: Seen, study: Study, panel: Panel
) -> Label:
    column = panel.columns[attribute.name]
    contrast = contrasts(attribute, column, np.ones(panel.rows, dtype=bool))[0]
    return Label(
        attribute=attribute.name,
        contrast=contrast.label,
        outcome=outcome.name,
        estimand="per item and period",
        design=DESIGN,
        estimator="reweighted log",
        population="items in the periods they were live"
        if study.exposure is not None and study.exposure.live
        else "items in the periods they were shown",
        identification=seen.identification,
        path=path,
    )
