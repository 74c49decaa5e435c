"""Tables of changes of distribution with known answers: a metric that moved for known reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causal.data.platform.days import simulate
from causal.data.platform.interventions import Do, Move
from causal.data.platform.settings import Settings
from causal.data.platform.tables import Table, impressions
from causal.data.platform.world import World

if TYPE_CHECKING:
    import pandas as pd

MOVED_DAY = 28
MOVED = Do(move=Move(mechanisms=("ranker", "attribute"), day=MOVED_DAY))
"""On the twenty-ninth day the ranker likes question headlines more, and creators write more of them."""
WEEK = 7


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
    world = settings or Settings()
    short = replace(world, size=replace(world.size, days=MOVED_DAY + WEEK))
    directory.mkdir(parents=True, exist_ok=True)
    made = {"moved_impressions": _frame(moved_impressions(simulate(short, MOVED)))}
    files = {name: directory / f"{name}.parquet" for name in made}
    for name, table in made.items():
        table.to_parquet(files[name], index=False)
    return files


def _frame(table: Table) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(dict(table))
