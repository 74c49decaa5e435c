"""The simulated platform: its speed, and the truths of its worlds.

``python -m benchmarks.platform`` prints CPU seconds per million impressions on one core.
``python -m benchmarks.platform --truths docs/truths.md`` computes what every estimand is in worlds
of the size ``TESTS``, with its Monte Carlo error; with ``--cache DIR`` it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from causal.data.platform import DEMO, TESTS, UNIT, Do, Policy, Ranker, Settings, simulate
from causal.data.platform.causes import GapCause, GapValue, Movement
from causal.data.platform.change_estimands import (
    CreatorRollout,
    DirectPaths,
    ExposureWorth,
    Separable,
    SwitchbackDay,
)
from causal.data.platform.estimands import (
    FirstDayValue,
    Marginal,
    PerImpression,
    Rollout,
    creator_side,
    global_effect,
    policy_value,
    two_sided,
    user_side,
)
from causal.data.platform.tables import panel
from causal.data.platform.truths import Estimand, Truth, truth


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutEstimates:
    """What two estimators make of the market-weeks of a staggered rollout.

    Two-way fixed effects, and the imputation of Borusyak, Jaravel and Spiess (2024): fixed effects
    from untreated cells alone. Compare with the truth of :class:`Rollout`.
    """

    def measure(self, settings: Settings) -> dict[str, float]:
        """Two estimates for each outcome."""
        cells = panel(simulate(settings, Do(rollout="staggered")))
        market = np.unique(cells["market"], return_inverse=True)[1]
        week, treated = cells["week"], cells["week"] >= cells["adopted_week"]
        fixed = np.column_stack([np.eye(market.max() + 1)[market], np.eye(week.max() + 1)[week]])
        out = {}
        for name, column in (
            ("new creator share", "new_creator_share"),
            ("click rate", "click_rate"),
        ):
            y = cells[column]
            both = np.linalg.lstsq(np.column_stack([fixed, treated]), y, rcond=None)[0]
            never = np.linalg.lstsq(fixed[~treated], y[~treated], rcond=None)[0]
            out[f"two-way fixed effects, {name}"] = float(both[-1])
            out[f"imputation, {name}"] = float((y - fixed @ never)[treated].mean())
        return out


SIZES = {"unit": UNIT, "tests": TESTS, "demo": DEMO}
RUNS = 3
UNPOPULAR = Policy(ranker=Ranker(popularity=0.0))
"""A ranker that does not look at click rates."""
FEW = ("clicks per impression", "clicks per user", "worth per visit", "visits per user",
       "late visits per user", "new creator share", "creators shown", "Gini of creators",
       "topics per user")  # fmt: skip


def _since(outcome: str) -> tuple[str, ...]:
    """Effects by weeks since adoption, and spillovers by weeks since the first."""
    return tuple(f"{what} {outcome} {e}" for what in ("ATT event", "spillover") for e in range(5))


ASKED: dict[str, tuple[Estimand, tuple[str, ...]]] = {
    "Video as users see it, per impression": (PerImpression(attribute="video"), ()),
    "Question headline as users see it, per impression": (PerImpression(attribute="headline"), ()),
    "Boost of every creator": (creator_side(), FEW),
    "Boost of every creator for every user": (two_sided(), FEW),
    "Freshness counts 2.5 times as much, for every user": (user_side(), FEW),
    "Video on 5% of the items, clicks in an item's first week": (Marginal(attribute="video"), ()),
    "Video on all items against on none": (global_effect("video"), FEW),
    "Question headline on all items against on none": (global_effect("headline"), FEW),
    "Staggered rollout of a boost for new creators": (
        Rollout(),
        ("ATT new creator share", "spillover new creator share", "ATT click rate",
         "spillover click rate", *_since("new creator share")),
    ),
    "What estimators make of its market-weeks": (RolloutEstimates(), ()),
    "A boost that creators adopt one after the other, impressions relative to before": (
        CreatorRollout(), ("ATT impressions", "spillover impressions", *_since("impressions")),
    ),
    "Freshness counts 2.5 times as much, on the first day of a switchback": (SwitchbackDay(), ()),
    "Video on 2% of the items for one day, per live item": (DirectPaths(attribute="video"), ()),
    "Video in three cells of 5% of the items, first week of an item": (
        Separable(attribute="video"), (),
    ),
    "What an added impression is worth, by two cells of 10% of the items": (
        ExposureWorth(fraction=0.1), (),
    ),
    "A ranker that does not look at click rates": (policy_value(UNPOPULAR), FEW),
    "The same on day 20 alone, clicks per request": (
        FirstDayValue(policies=(UNPOPULAR,), day=20),
        (),
    ),
    **{
        f"{items} more items of topic {topic}, for users who like it": (
            GapValue(topic=topic, items=items), ()
        )
        for topic in (6, 0)
        for items in (135,)
    },
    **{
        f"Repairs of topic {topic} ({planted})": (GapCause(topic=topic), ())
        for topic, planted in ((4, "poor"), (5, "badly distributed"), (6, "scarce"))
    },
    "Why clicks per request moved": (Movement(), ()),
}  # fmt: skip
MANY_RUNS = (GapCause, Movement)
"""Estimands of 8 runs a seed and more, asked in smaller worlds."""
HEAD = """# Truths of the simulated platform

What estimands are in worlds of the size `TESTS` ([platform.md](platform.md)), the mean of {seeds}
seeds ± its Monte Carlo error. Those that take many runs a seed (repairs, and why a metric moved) are
of the size `UNIT`. A truth is the difference of two runs of one world with the same
noise, or in closed form. Made by `python -m benchmarks.platform --truths docs/truths.md --seeds
{seeds}`.
"""


def measure(name: str) -> tuple[int, float]:
    """Impressions of a world, and the CPU seconds of the fastest of a few runs."""
    settings = Settings(seed=0, size=SIZES[name])
    seconds, count = [], 0
    for _ in range(RUNS):
        start = time.process_time()
        count = simulate(settings).impressions.count
        seconds.append(time.process_time() - start)
    return count, min(seconds)


def speed() -> None:
    """Print what a million impressions cost."""
    for size in SIZES:
        count, cpu = measure(size)
        print(
            f"{size:6} {count:9,} impressions  {cpu:6.2f} CPU s  "
            f"{cpu / count * 1e6:6.2f} CPU s per million"
        )


def page(seeds: int, cache: Path | None, only: str = "") -> str:
    """Every truth, as a table for each estimand."""
    parts = [HEAD.format(seeds=seeds)]
    for title, (estimand, wanted) in ASKED.items():
        if only not in title:
            continue
        size = UNIT if isinstance(estimand, MANY_RUNS) else TESTS
        found = truth(estimand, Settings(size=size), seeds=range(seeds), cache=cache)
        rows = [each for each in found.values if not wanted or each.quantity in wanted]
        parts.append(f"## {title}\n\n| quantity | value |\n|---|---|")
        parts.extend(_line(each) for each in rows)
        parts.append("")
    return "\n".join(parts)


def _line(each: Truth) -> str:
    exact = each.value == 0 and each.error == 0
    shown = "0 exactly, in every seed" if exact else f"{each.value:.4g} ± {each.error:.2g}"
    return f"| {each.quantity} | {shown} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truths", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", default="", help="a part of the titles")
    given = parser.parse_args()
    with threadpool_limits(limits=1):
        if given.truths is None:
            speed()
        else:
            given.truths.write_text(page(given.seeds, given.cache, given.only), encoding="utf-8")
