"""Bounds of the ranker's part where it was not replayed, for a ranker that never lowers an item.

If having the attribute never lowers a score, an item that has it would have been shown no more
without: of the outcomes it would have had with the ranker alone, Y(1, 0), the ranker brought between
none and all. The interval holds the part wherever it lies between these ends (Imbens, Manski 2004).
"""

from __future__ import annotations

import numpy as np

from causal.content.attribute import Attribute
from causal.content.outcome import Outcome
from causal.data.panel import Panel
from causal.design.study import Study
from causal.estimation._contrasts import contrasts
from causal.estimation._estimates import cells_of, distinct, sums, variance
from causal.estimation.paths._found import Bound
from causal.estimation.paths.replay import FEWEST_CLUSTERS, Looked, Seen, units

WHY = "the ranker's propensities with the flag flipped were not logged"


def bound(
    study: Study, panel: Panel, attribute: Attribute, outcome: Outcome, seen: Seen, look: Looked
) -> Bound | None:
    """Ends of the ranker's part for items with the attribute, per item and period.

    None where what users see is not known, or the clusters are too few for its error.
    """
    from scipy.stats import t as student

    column = panel.columns[attribute.name]
    contrast = contrasts(attribute, column, np.ones(panel.rows, dtype=bool))[0]
    has = np.asarray(column.values == contrast.high)
    groups = min((distinct(way[has]) for way in panel.clusters), default=0)
    if seen.refusal or groups < FEWEST_CLUSTERS:
        return None
    unit = units(study, panel)
    y = panel.outcomes[outcome.name].value
    known = has & ~np.isnan(y)
    inside = unit.codes[has]
    count = float(np.unique(inside).size)
    rows = np.where(known, np.nan_to_num(y) - seen.value * look.value, 0.0)
    rows *= has.sum() / max(int(known.sum()), 1)
    end = float(rows.sum() / count)
    shown = np.bincount(unit.codes)[unit.codes]
    codes, ways = cells_of(panel.clusters)
    influence = sums((rows - has * end / shown) / count, codes, ways[0].size)
    influence = influence - seen.influence * float((has * look.value).sum() / count)
    error = float(np.sqrt(max(variance(influence[:, None], influence[:, None], ways)[0], 0.0)))
    critical = float(student.ppf(study.settings.level, min(groups - 1, seen.df)))
    return Bound(
        attribute=attribute.name,
        contrast=contrast.label,
        outcome=outcome.name,
        path="ranker",
        low=0.0,
        high=max(end, 0.0) + critical * error,
        end=end,
        units=int(has.sum()),
        clusters=groups,
        population="items with the attribute, in the periods they were shown",
        why=WHY,
    )
