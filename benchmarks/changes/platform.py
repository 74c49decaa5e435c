"""The simulated platform: do intervals hold what two runs of its worlds differ by.

Each run has a truth of its own, of its own seed, measured in worlds that share its noise. Unlike drawn
tables, markets and creators share one pool, counters learn, and users and creators answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.changes._family import Family, monte_carlo
from causal.data.cells.cells import Cells
from causal.data.cells.collect import collect_cells
from causal.data.panel import FloatArray
from causal.data.platform import TESTS, Do, Settings, simulate
from causal.data.platform.cell_tables import creator_cells, rollout_cells, switchback_cells
from causal.data.platform.change_estimands import ExposureWorth, SwitchbackDay
from causal.data.platform.change_tables import (
    ROLLED,
    STAGGERED,
    SWITCHED,
    rollout_settings,
)
from causal.data.platform.item_tables import exposed, ranking_items
from causal.design.rollout import Rollout
from causal.design.rollout_request import cells_request
from causal.estimation._inference import infer
from causal.estimation.exposure.anderson_rubin import from_rows, worth
from causal.estimation.rollout._lags import Switched
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.aggregates import aggregates
from causal.estimation.rollout.contamination import Contamination, Interval, contamination
from causal.estimation.rollout.group_time import group_time
from causal.estimation.rollout.imputation import imputed
from causal.estimation.rollout.switchback import CARRY, IMMEDIATE, NEXT, TOTAL, switchback
from causal.policy.rollout import reading_of

LEVEL = 0.95
LAGS = 2
DAYS = (14, 28, 42)
"""Days on which the immediate effect of a switch is measured, each in worlds of its own."""
SHARES = (0.05, 0.1)
NOTHING = (float("nan"),) * 4
Row = tuple[float, float, float, float]
"""Estimate, low, high, truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What was done, and the quantities a run gives."""

    name: str
    quantities: tuple[str, ...]
    make: Callable[[Settings], list[Row]]


def run(world: World, seed: int) -> FloatArray:
    """One seed, shape (quantities, 4)."""
    return np.array(world.make(Settings(seed=seed, size=TESTS)))


def _cells(table: Mapping[str, Any], **study: Any) -> Cells:
    asked = Rollout.model_validate({"study": "platform", "kind": "rollout", "data": {"source": "t.parquet"}, **study})  # fmt: skip
    return collect_cells(cells_request(asked), frame=pd.DataFrame(dict(table)))


def _treated_gap(on: Mapping[str, Any], off: Mapping[str, Any], column: str) -> float:
    """Mean difference of two worlds over treated cells."""
    treated = on["week"] >= on["adopted_week"]
    return float((on[column] - off[column])[treated].mean())


def _plain(cells: Cells, outcome: str) -> tuple[float, float, float]:
    """The mean effect against those not treated, with its interval."""
    overall = aggregates(group_time(cells, outcome, base="universal"), cells, "overall")
    if overall.refusal[0]:
        return NOTHING[:3]
    found = infer(overall, level=LEVEL, multiplicity="none", seed=1, family="overall")
    return float(overall.values[0]), float(found.ci_low[0]), float(found.ci_high[0])


def _imputed(cells: Cells, outcome: str) -> tuple[float, float, float]:
    from scipy.stats import t

    found = imputed(cells, outcome)
    reach = float(t.isf((1 - LEVEL) / 2, found.df)) * float(found.errors[0])
    value = float(found.values[0])
    return value, value - reach, value + reach


def _ends(found: Interval | None) -> tuple[float, float, float]:
    return NOTHING[:3] if found is None else (found.value, found.low, found.high)


def _title(spill: Contamination, plain: tuple[float, float, float]) -> tuple[float, float, float]:
    """The interval that the title of a page prints, missing where it says that none can be told."""
    reading = reading_of({"state": spill.state, "total": spill.total}, "shared")
    total = _ends(spill.total)
    if reading == "clean":
        return plain
    if reading == "corrected":
        return total
    if reading == "range":
        return (total[0] + plain[0]) / 2, min(total[1], plain[1]), max(total[2], plain[2])
    return NOTHING[:3]


def _found(spill: Contamination) -> Row:
    state = {"found": 1.0, "ruled out": -1.0}.get(spill.state, 0.0)
    return (state, *NOTHING[:3])


def markets(settings: Settings) -> list[Row]:
    """A boost for new creators by market; all markets share one pool."""
    at = rollout_settings(settings)
    on, off = (rollout_cells(simulate(at, do)) for do in (ROLLED, Do()))
    share, clicks = "new_creator_share", "click_rate"
    cells = _cells(
        on,
        entity="market",
        period="week",
        adopted="adopted_week",
        spillover="treated_neighbours",
        outcomes=[
            {"name": share, "numerator": "new_creator_impressions", "denominator": "impressions"},
            {"name": clicks, "numerator": "clicks", "denominator": "impressions"},
        ],
    )
    truth = {name: _treated_gap(on, off, name) for name in (share, clicks)}
    plain = _plain(cells, share)
    spill = contamination(cells, share, level=LEVEL)
    return [
        (*plain, truth[share]),
        (*_imputed(cells, share), truth[share]),
        (*_plain(cells, clicks), truth[clicks]),
        (*_title(spill, plain), truth[share]),
        _found(spill),
    ]


def creators(settings: Settings) -> list[Row]:
    """A boost of creators, of whom more adopt in some topics than in others."""
    on, off = (creator_cells(simulate(settings, do)) for do in (STAGGERED, Do()))
    name = "impressions_relative"
    cells = _cells(
        on,
        entity="creator_id",
        period="week",
        adopted="adopted_week",
        spillover="treated_share",
        outcomes=[{"name": name, "column": name}],
    )
    truth = _treated_gap(on, off, name)
    plain = _plain(cells, name)
    spill = contamination(cells, name, level=LEVEL)
    return [
        (*plain, truth),
        (*_imputed(cells, name), truth),
        (*_ends(spill.total), truth),
        (*_title(spill, plain), truth),
        _found(spill),
    ]


def switches(settings: Settings) -> list[Row]:
    """Freshness switched up by market and half day."""
    made = switchback_cells(simulate(settings, SWITCHED))
    markets = settings.size.markets
    on = made["on"].reshape(markets, -1).astype(float)
    size = made["impressions"].reshape(markets, -1).astype(float)
    always, never = (
        switchback_cells(simulate(settings, do)) for do in (Do(switchback="all"), Do())
    )
    direct = SwitchbackDay(days=DAYS).measure(settings)
    rows: list[Row] = []
    for name, column in (
        ("new creator share", "new_creator_impressions"),
        ("click rate", "clicks"),
    ):
        hits = made[column].reshape(markets, -1)
        y = np.divide(hits, size, out=np.full(size.shape, np.nan), where=size > 0)
        found = switchback(
            Switched(y=y, on=on, size=size, periods=LAGS), Named(rollout="s", outcome=name)
        )
        ends = infer(found, level=LEVEL, multiplicity="none", seed=1, family="switchback")
        at = {label.estimand: k for k, label in enumerate(found.labels)}
        ratios = [each[column].sum() / each["impressions"].sum() for each in (always, never)]
        truths = {IMMEDIATE: direct[name], TOTAL: float(ratios[0] - ratios[1]), CARRY: np.nan, NEXT: np.nan}  # fmt: skip
        rows += [
            (
                float(found.values[at[k]]),
                float(ends.ci_low[at[k]]),
                float(ends.ci_high[at[k]]),
                truth,
            )
            for k, truth in truths.items()
        ]
    return rows


def exposure(share: float) -> Callable[[Settings], list[Row]]:
    """Items that the ranker takes for videos or not, a share of all in each cell."""

    def make(settings: Settings) -> list[Row]:
        items = ranking_items(simulate(settings, exposed(share)))
        truth = ExposureWorth(fraction=share).measure(settings)
        cluster = np.unique(items["creator_id"], return_inverse=True)[1]
        cell = (items["cell"] == "1").astype(float)[:, None]
        dose = items["impressions_first_week"].astype(float)
        rows: list[Row] = []
        for column, name in (
            ("clicks_first_week", "clicks per impression"),
            ("clicks_week_2", "clicks per impression, week 2"),
        ):
            found = worth(from_rows(items[column].astype(float), dose, cell, cluster), level=LEVEL)
            # A set of two rays holds the truth or not; as an interval it is all or nothing.
            ends = (-np.inf, np.inf) if truth[name] in found else (np.inf, -np.inf)
            if len(found.intervals) == 1:
                (ends,) = found.intervals
            rows.append((found.best, *ends, truth[name]))
        return rows

    return make


WORLDS = (
    World(
        name="new creators, 24 markets",
        quantities=(
            "new creator share, plain", "new creator share, imputed", "click rate, plain",
            "what the title says", "spillover found",
        ),
        make=markets,
    ),
    World(
        name="creators, topics unlike",
        quantities=("plain", "imputed", "corrected", "what the title says", "spillover found"),
        make=creators,
    ),
    World(
        name="switchback, 12 markets",
        quantities=tuple(
            f"{outcome}, {part}"
            for outcome in ("new creator share", "click rate")
            for part in (IMMEDIATE, TOTAL, CARRY, NEXT)
        ),
        make=switches,
    ),
    *(
        World(
            name=f"exposure, cells of {100 * share:.0f}%",
            quantities=("clicks, first week", "clicks, second week"),
            make=exposure(share),
        )
        for share in SHARES
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What runs say of one quantity; shares of the runs in which it was estimated.

    ``own`` is the share that holds the truth of its own seed, ``mean`` that of the mean over seeds.
    """

    runs: int
    truth: float
    truth_error: float
    value: float
    bias: float
    bias_error: float
    half: float
    own: float
    mean: float


def line(found: FloatArray) -> Line:
    """Summarise the runs of a quantity, shape (runs, 4)."""
    there = found[np.isfinite(found[:, 0]) & np.isfinite(found[:, 3])]
    n = len(there)
    value, low, high, truth = there.T if n else np.full((4, 1), np.nan)
    off, mean = value - truth, truth.mean()
    error = 1 / max(n, 1) ** 0.5
    spread = off.std(ddof=1) if n > 1 else float("nan")
    return Line(
        runs=n,
        truth=float(mean),
        truth_error=float(truth.std(ddof=1) * error) if n > 1 else float("nan"),
        value=float(value.mean()),
        bias=float(off.mean()),
        bias_error=float(spread * error),
        half=float(np.median(np.abs(high - low) / 2)),
        own=float(((low <= truth) & (truth <= high)).mean()),
        mean=float(((low <= mean) & (mean <= high)).mean()),
    )


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| world | quantity | truth | estimate | bias | half of interval | holds own truth | holds mean truth | of runs |"  # fmt: skip
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for world in WORLDS:
        runs = found.get(world.name)
        for at, quantity in enumerate(world.quantities if runs is not None else ()):
            values = np.asarray(runs)[:, at].astype(float)
            yield f"| {world.name} | {quantity} | {_told(quantity, values)} |"


def _told(quantity: str, values: FloatArray) -> str:
    if quantity == "spillover found":
        shares = [f"{100 * np.mean(values[:, 0] == state):.0f}% {word}"
                  for state, word in ((1, "found"), (-1, "ruled out"), (0, "cannot be told"))]  # fmt: skip
        return f"| {', '.join(shares)} |  |  |  |  | {len(values)}"
    if np.isnan(values[:, 3]).all():
        zero = np.mean((values[:, 1] <= 0) & (values[:, 2] >= 0))
        return (
            f"| {values[:, 0].mean():.4f} |  | {np.median(values[:, 2] - values[:, 1]) / 2:.4f} "
            f"| {100 * zero:.0f} hold zero |  | {len(values)}"
        )
    made = line(values)
    if not made.runs:
        return f"|  |  |  |  |  | 0 of {len(values)}"
    return (
        f"{made.truth:.4f} ± {made.truth_error:.4f} | {made.value:.4f} "
        f"| {made.bias:+.4f} ± {made.bias_error:.4f} | {made.half:.4f} "
        f"| {100 * made.own:.0f} ± {100 * monte_carlo(made.runs):.0f} "
        f"| {100 * made.mean:.0f} | {made.runs} of {len(values)}"
    )


FAMILY = Family(
    title="The simulated platform",
    text="""
Worlds of 1,100 users ([platform.md](platform.md)), each seed with a truth of its own by two runs or more; in *mean truth*
the mean over seeds stands for it. *Bias* is against the own truth. Markets and creators share one pool of impressions,
and those without a boost lose what those with it gain: *plain* is against these, *imputed* the second opinion, *corrected*
counts the share of treated neighbours, and *what the title says* is the interval that a page prints first (missing where it
says that none can be told). The immediate effect of a switch is against single days on which everything was switched on
({days}), which from seed to seed vary by most of half an interval, so read the mean truth there; the total against always on
and never on, whose slow part no switchback sees. Exposure is the Anderson-Rubin set.
Monte Carlo errors are those of 95%, and after ± of means.
""".replace("{days}", "days " + ", ".join(map(str, DAYS))),
    worlds=WORLDS,
    run=run,
    lines=lines,
    most=200,
)
