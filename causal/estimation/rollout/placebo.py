"""Effects that cannot be there: adoption dated too early, and dates dealt out anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.errors import DesignError
from causal.base.streams import stream
from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray, IntArray
from causal.estimation.rollout.aggregates import aggregates
from causal.estimation.rollout.group_time import Control, group_time

MOST_EARLY = 4
DRAWS = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """The overall effect of dates ``periods`` too early, on cells before the true ones.

    ``refusal`` says why it is no test, or nothing.
    """

    periods: int
    value: float
    error: float
    df: float
    p_value: float
    refusal: str


def too_early(
    cells: Cells, outcome: str, *, control: Control = "not yet", anticipation: int = 0
) -> tuple[Early, ...]:
    """Date adoption 2, 3 ... periods before it could act, and look at cells before it could.

    Empty where no cohort has the periods for it.
    """
    from scipy.stats import t as student

    acts = cells.adopted - anticipation
    before = np.arange(len(cells.periods)) < acts[:, None]
    y = np.where(before, cells.y[outcome], np.nan)
    made = []
    for periods in range(2, MOST_EARLY + 1):
        dated = np.where(np.isfinite(acts), acts - periods, np.inf)
        if not (np.isfinite(dated) & (dated >= 1)).any():
            break
        kept = np.flatnonzero(dated >= 1)
        shown = replace(cells, adopted=dated, y={**cells.y, outcome: y}).select(kept)
        try:
            found = group_time(shown, outcome, control=control)
        except DesignError:
            break
        known = np.flatnonzero((found.period >= found.cohort) & np.isfinite(found.values))
        if not known.size:
            break
        one = aggregates(found.select(known), shown, "overall")
        error, df = float(one.std_errors[0]), float(one.df[0])
        ratio = abs(float(one.values[0])) / error if error > 0 else float("nan")
        made.append(
            Early(
                periods=periods,
                value=float(one.values[0]),
                error=error,
                df=df,
                p_value=float(2 * student.sf(ratio, df)),
                refusal=one.refusal[0],
            )
        )
    return tuple(made)


def dealt_anew(
    cells: Cells,
    outcome: str,
    *,
    seed: int,
    control: Control = "not yet",
    anticipation: int = 0,
    draws: int = DRAWS,
) -> float:
    """Exact p that the rollout did nothing to anyone, where dates were drawn by lot.

    Dates change hands between entities of a block (whole clusters where all of one adopt together),
    and the overall effect in its errors is compared with that of every deal.

    Parameters
    ----------
    seed
        The study's seed.
    draws
        How many deals; p is at least 1 / (draws + 1).
    """
    rng = stream(seed, "rollout", "placebo dates")
    actual = _studentised(cells, outcome, control, anticipation)
    if not np.isfinite(actual):
        return float("nan")
    together = _units(cells)
    as_large = 0
    for _ in range(draws):
        dealt = replace(cells, adopted=_dealt(cells, together, rng))
        found = _studentised(dealt, outcome, control, anticipation)
        as_large += bool(not np.isfinite(found) or found >= actual * (1 - 1e-12))
    return (1 + as_large) / (1 + draws)


def _studentised(cells: Cells, outcome: str, control: Control, anticipation: int) -> float:
    plain = replace(cells, covariates=np.zeros((len(cells.entities), 0)), covariate_names=())
    found = group_time(plain, outcome, control=control, anticipation=anticipation)
    one = aggregates(found, plain, "overall")
    error = float(one.std_errors[0])
    return abs(float(one.values[0])) / error if error > 0 else float("nan")


def _units(cells: Cells) -> IntArray:
    """What a date was drawn for: the cluster where all of it adopt together, else the entity."""
    codes = np.unique(cells.cluster, return_inverse=True)[1]
    sizes = np.bincount(codes)
    one = all(len(np.unique(cells.adopted[codes == g])) == 1 for g in range(sizes.size))
    alike = cells.block is None or all(
        len(np.unique(cells.block[codes == g])) == 1 for g in range(sizes.size)
    )
    return codes if one and alike else np.arange(len(cells.entities))


def _dealt(cells: Cells, together: IntArray, rng: np.random.Generator) -> FloatArray:
    first = np.unique(together, return_index=True)[1]
    dates = cells.adopted[first].copy()
    blocks = np.zeros(first.size, dtype=np.int64) if cells.block is None else cells.block[first]
    for block in np.unique(blocks):
        at = np.flatnonzero(blocks == block)
        dates[at] = dates[at][rng.permutation(at.size)]
    return np.asarray(dates[together])
