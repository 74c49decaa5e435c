"""Tables of changes of distribution with known answers: moves, rollouts, switches, exposure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causal.data.platform.cell_tables import (
    creator_cells,
    rollout_cells,
    single_market_days,
    switchback_cells,
)
from causal.data.platform.days import simulate
from causal.data.platform.interventions import Do, Move
from causal.data.platform.item_tables import (
    exposed,
    path_impressions,
    ranking_items,
    separable,
    separable_items,
)
from causal.data.platform.settings import Settings
from causal.data.platform.tables import Table, impressions
from causal.data.platform.world import World

if TYPE_CHECKING:
    import pandas as pd

MOVED_DAY = 28
MOVED = Do(move=Move(mechanisms=("ranker", "attribute"), day=MOVED_DAY))
"""On the twenty-ninth day the ranker likes question headlines more, and creators write more of them."""
WEEK = 7
ROLLED = Do(rollout="staggered")
"""New creators rank higher, market by market."""
LAUNCHED = Do(rollout="single")
"""New creators rank higher in one market, from one day on."""
SWITCHED = Do(switchback="alternate")
"""Freshness counts more, by market and half day."""
STAGGERED = Do(creators="staggered")
"""Items of some creators rank higher, from one of three weeks on."""
SHARE = 0.05
"""Share of the items in each cell of the experiment on paths."""
RANKED_SHARE = 0.1
"""Share of the items in each cell of the experiment on exposure."""


def many_markets(settings: Settings, adoption: tuple[int, int, int], days: int) -> Settings:
    """The same world with 24 markets, a longer horizon, and other days of adoption."""
    size = replace(settings.size, markets=24, days=days, adoption=adoption)
    return replace(settings, size=size)


def rollout_settings(settings: Settings) -> Settings:
    """The world of ``rollout_cells``: 24 markets, 12 weeks, adoption in week 6, 7, 8 or never."""
    return many_markets(settings, (42, 49, 56), 84)


def single_settings(settings: Settings) -> Settings:
    """The world of ``single_market_days``: 24 markets, one adopts on day 56; it is cut at day 84."""
    return many_markets(settings, (56, 98, 98), 98)


SINGLE_UNTIL = 84
"""The day before which a rollout to one market is looked at: creators still join as before."""


def moved_impressions(world: World, day: int = MOVED_DAY) -> Table:
    """Impressions of the week before a day and of the week from it, with their ``period``.

    Parameters
    ----------
    world
        A world in which something changed on that day.
    day
        The first day after the change.
    """
    table = impressions(world)
    at = world.day()
    chosen = (at >= day - WEEK) & (at < day + WEEK)
    period = np.where(at[chosen] < day, "before", "after").astype(object)
    return {**{name: column[chosen] for name, column in table.items()}, "period": period}


def write_changes(directory: Path, settings: Settings | None = None) -> dict[str, Path]:
    """Run the changes and write their tables as parquet files.

    Parameters
    ----------
    directory
        Where to; it is made when it is not there.
    settings
        The world they happen in, by default the large one.

    Returns
    -------
    dict of Path
        The file of each table. The same settings give the same bytes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, make in _CHANGES.items():
        files[name] = directory / f"{name}.parquet"
        _frame(make(settings or Settings())).to_parquet(files[name], index=False)
    return files


def _moved(settings: Settings) -> Table:
    short = replace(settings, size=replace(settings.size, days=MOVED_DAY + WEEK))
    return moved_impressions(simulate(short, MOVED))


def _single(settings: Settings) -> Table:
    return single_market_days(simulate(single_settings(settings), LAUNCHED, until=SINGLE_UNTIL))


_CHANGES: dict[str, Callable[[Settings], Table]] = {
    "moved_impressions": _moved,
    "rollout_cells": lambda at: rollout_cells(simulate(rollout_settings(at), ROLLED)),
    "switchback_cells": lambda at: switchback_cells(simulate(at, SWITCHED)),
    "single_market_days": _single,
    "creator_cells": lambda at: creator_cells(simulate(at, STAGGERED)),
    "ranking_items": lambda at: ranking_items(simulate(at, exposed(RANKED_SHARE))),
    "separable_items": lambda at: separable_items(simulate(at, separable("video", SHARE))),
    "path_impressions": lambda at: path_impressions(simulate(at)),
}


def _frame(table: Table) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(dict(table))
