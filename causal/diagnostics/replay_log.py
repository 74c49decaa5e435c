"""Whether the logged answer of a ranker with a flag flipped can be what it says it is."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import count, figure, human, quoted
from causal.data.panel import FloatArray, Panel
from causal.design.study import Study

SPREAD = 0.20
SAME = 1e-6
FEWEST = 30


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """In the first slot, read off by how much the ranker favours an item for each flipped attribute.

    There odds(flipped) / odds(propensity) is the ranker's factor, or its inverse for an item that has
    the attribute. A factor of 1 throughout is a ranker that does not read it; one that spreads by
    more than 20% (quantiles .1 to .9) a WARN. Exploration rows whose flipped probability is another
    are a FAIL, since no ranker ordered them.
    """
    rows = panel.paths
    if study.exposure is None or rows is None or rows.propensity is None or rows.slot is None:
        return ()
    return tuple(_of(panel, name, flipped) for name, flipped in sorted(rows.flipped.items()))


def _of(panel: Panel, name: str, flipped: FloatArray) -> Finding:
    rows = panel.paths
    if rows is None or rows.propensity is None or rows.slot is None:
        raise ValueError("The panel has no propensities.")
    explored = panel.exploration
    if explored is not None:
        moved = explored & (np.abs(flipped / rows.propensity - 1) > SAME)
        if moved.any():
            return Finding(
                name="replay",
                status=Status.FAIL,
                meaning=f"On {count(int(moved.sum()))} exploration rows the propensity with "
                f"{quoted(human(name))} flipped is not the propensity, though no ranker ordered "
                "these rows. The flipped propensities are not what they should be.",
                remedy="Look at how the log asks the ranker again; on exploration rows both "
                "probabilities are the same.",
                statistic=float(moved.sum()),
                threshold=0.0,
                blocks="design",
                designs=("replay",),
                attributes=(name,),
                columns=(name,),
            )
    factors = _factors(panel, name, flipped)
    if factors.size < FEWEST:
        return _thin(name, factors.size)
    low, middle, high = (float(q) for q in np.quantile(factors, [0.1, 0.5, 0.9]))
    spread = high / low - 1
    unread = bool(np.abs(factors - 1).max() < SAME)
    wide = spread > SPREAD
    if unread:
        meaning = (
            f"The ranker does not read {quoted(human(name))}: flipping it changes no propensity, "
            "so its part is zero."
        )
    else:
        meaning = (
            f"The ranker multiplies the weight of an item with {quoted(human(name))} by "
            f"{figure(middle)} in the median of first slots ({figure(low)} to {figure(high)} for "
            "four fifths of them)"
            + (": it depends on the context." if wide else ", much the same everywhere.")
        )
    return Finding(
        name="replay",
        status=Status.WARN if wide else Status.PASS,
        meaning=meaning,
        remedy="This is as it should be where the ranker reads the attribute together with other "
        "things; if it does not, look at the log."
        if wide
        else "",
        statistic=spread,
        threshold=SPREAD,
        attributes=(name,),
        columns=(name,) if wide else (),
    )


def _factors(panel: Panel, name: str, flipped: FloatArray) -> FloatArray:
    """The ranker's factor for the attribute in each first slot it ordered."""
    rows, column = panel.paths, panel.columns[name]
    if rows is None or rows.propensity is None or rows.slot is None:
        raise ValueError("The panel has no propensities.")
    p = rows.propensity
    first = (rows.slot == 1) & (p < 1) & (flipped < 1) & ~np.isnan(column.values)
    if panel.exploration is not None:
        first &= ~panel.exploration
    odds = flipped[first] / (1 - flipped[first]) / (p[first] / (1 - p[first]))
    return np.where(column.values[first] == 1.0, 1 / odds, odds)


def _thin(name: str, rows: int) -> Finding:
    return Finding(
        name="replay",
        status=Status.WARN,
        meaning=f"Only {rows} rows are in the first slot with a choice to make, too few to read "
        f"off what the ranker makes of {quoted(human(name))}.",
        remedy="Use more of the log.",
        statistic=float(rows),
        threshold=float(FEWEST),
        attributes=(name,),
    )
