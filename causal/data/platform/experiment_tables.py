"""Tables of three experiments with known answers: by user, by creator, and by pair of the two.

The first moves what it is meant to move. The others move impressions from one arm to the other and
make none: whatever the difference between arms is, the effect on the platform is zero.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.days import simulate
from causal.data.platform.interventions import Do
from causal.data.platform.settings import Settings
from causal.data.platform.tables import START, Table, creators, times, users
from causal.data.platform.world import World

if TYPE_CHECKING:
    import pandas as pd

AD_LOAD = Do(ad_load=0.25, ad_users="half")
"""Half of the users get an advertisement in 25% of the slots that may have one, not in 15%."""
CREATOR_BOOST = Do(creators="half")
"""Items of half of the creators rank higher."""
PAIR_BOOST = Do(pairs="half")
"""Items of half of the creators rank higher for half of the users."""
DAY = np.timedelta64(86_400, "s")
WEEK = 7 * DAY


def experiment_tables(world: World) -> dict[str, pd.DataFrame]:
    """Make the tables of an experiment that was run in a world.

    Returns
    -------
    dict of pandas.DataFrame
        ``users`` (who was exposed), their ``visits``, and ``creators``. Each side has its own arm,
        which means something where the world did something to that side.

    Examples
    --------
    >>> from causal.data.platform import UNIT, Settings, simulate
    >>> made = experiment_tables(simulate(Settings(seed=1, size=UNIT), AD_LOAD))
    >>> sorted(made)
    ['creators', 'users', 'visits']
    """
    import pandas as pd

    made = {
        "users": exposed_users(world),
        "visits": visits(world),
        "creators": boosted_creators(world),
    }
    return {name: pd.DataFrame(dict(table)) for name, table in made.items()}


def write_experiments(directory: Path, settings: Settings | None = None) -> dict[str, Path]:
    """Run the experiments and write their tables as parquet files.

    Parameters
    ----------
    directory
        Where to; it is made when it is not there.
    settings
        The world they are run in, by default the large one.

    Returns
    -------
    dict of Path
        The file of each table. The same settings give the same bytes.
    """
    import pandas as pd

    world = settings or Settings()
    directory.mkdir(parents=True, exist_ok=True)
    by_user = experiment_tables(simulate(world, AD_LOAD))
    by_creator = experiment_tables(simulate(world, CREATOR_BOOST))
    made = {
        "ad_load_users": by_user["users"],
        "ad_load_visits": by_user["visits"],
        "creator_boost": by_creator["creators"],
        "pair_boost": pd.DataFrame(dict(pairs(simulate(world, PAIR_BOOST)))),
    }
    files = {name: directory / f"{name}.parquet" for name in made}
    for name, table in made.items():
        table.to_parquet(files[name], index=False)
    return files


def exposed_users(world: World) -> Table:
    """One row for each user who first came in the first days of the experiment: who is exposed.

    As many days as there were before it, so that the others are left to follow everyone. Nothing of
    the experiment was seen before, so who is in the table does not depend on the arm. Columns with
    ``before`` count what happened before the experiment.
    """
    first = _first_seen(world)
    came = first < START + _until(world) * DAY
    everyone, early = users(world), _early(world)
    table = {
        "user_id": everyone["user_id"],
        "arm": _arms(world.users.arm),
        "first_seen": first,
        "market": everyone["market"],
        "low_bandwidth": everyone["low_bandwidth"],
        "power_user": everyone["power_user"],
        **{f"{name}_before": column for name, column in _sums(world, early).items()},
        "back_in_week_4": _came_back(world, first),
    }
    return {name: column[came] for name, column in table.items()}


def visits(world: World) -> Table:
    """One row for each visit during the experiment, in the order of days: what was seen and done."""
    asked, start = world.requests, world.settings.size.burn_in
    opens = np.flatnonzero((asked.number == 0) & (asked.day >= start))
    visit = np.full(asked.user.size, -1)
    visit[opens] = np.arange(opens.size)
    visit = np.maximum.accumulate(visit)
    late = asked.day >= start
    shown, clicks = _by_request(world)

    def total(values: Any) -> FloatArray:
        return np.asarray(np.bincount(visit[late], values[late], opens.size))

    return {
        "user_id": asked.user[opens],
        "visited_at": times(world)[opens],
        "requests": np.bincount(visit[late], minlength=opens.size),
        "impressions": total(shown).astype(np.int64),
        "clicks": total(clicks).astype(np.int64),
        "ads": total(asked.ads).astype(np.int64),
        "revenue": total(asked.revenue),
    }


def boosted_creators(world: World) -> Table:
    """One row for each creator: the first days of the experiment, and as many days before it.

    Those who join meanwhile have nothing before and are exposed when they join. The impressions of
    all rows are all there were, in both times.
    """
    start = world.settings.size.burn_in
    until = _until(world)
    everyone = creators(world)
    before, during = slice(2 * start - until, start), slice(start, until)
    who = everyone["creator_id"][world.creators.join[everyone["creator_id"]] < until]
    shown, clicks, posts = world.creator_impressions, world.creator_clicks, world.posts
    present = np.isin(everyone["creator_id"], who)
    return {
        "creator_id": who,
        "arm": _arms(world.creators.arm[who]),
        "exposed_at": np.maximum(everyone["joined_at"][present], START + start * DAY),
        "home_topic": everyone["home_topic"][present],
        "tier": everyone["tier"][present],
        "impressions_before": shown[who, before].sum(axis=1),
        "clicks_before": clicks[who, before].sum(axis=1),
        "posts_before": posts[who, before].sum(axis=1),
        "impressions": shown[who, during].sum(axis=1),
        "clicks": clicks[who, during].sum(axis=1),
        "posts": posts[who, during].sum(axis=1),
        "active_days": world.active[who, during].sum(axis=1),
    }


def pairs(world: World) -> Table:
    """One row for each user and creator of whom the user was shown something in the first days.

    As many days as there were before the experiment; pairs that never met have no row.
    """
    seen, day, size = world.impressions, world.day(), world.settings.size
    shown = (day >= size.burn_in) & (day < _until(world))
    creator = world.items.creator[seen.item[shown]]
    every = world.creators.arm.size
    met, pair = np.unique(world.user()[shown] * every + creator, return_inverse=True)
    user, creator = np.divmod(met, every)
    first = np.full(met.size, _until(world))
    np.minimum.at(first, pair, day[shown])
    return {
        "user_id": user,
        "creator_id": creator,
        "user_arm": _arms(world.users.arm[user]),
        "creator_arm": _arms(world.creators.arm[creator]),
        "first_on": START + first * DAY,
        "impressions": np.bincount(pair),
        "clicks": np.bincount(pair[seen.click[shown]], minlength=met.size),
    }


def demand(world: World) -> tuple[int, int]:
    """Requests in the days before the experiment and in those during it of the creators' table."""
    start, day = world.settings.size.burn_in, world.requests.day
    until = _until(world)
    before = (day >= 2 * start - until) & (day < start)
    return int(before.sum()), int(((day >= start) & (day < until)).sum())


def _until(world: World) -> int:
    """The day by which an experiment has run as long as the platform before it."""
    size = world.settings.size
    return min(2 * size.burn_in, size.days)


def _arms(treated: BoolArray) -> np.ndarray[Any, Any]:
    return np.where(treated, "B", "A").astype(object)


def _early(world: World) -> BoolArray:
    return world.requests.day < world.settings.size.burn_in


def _by_request(world: World) -> tuple[IntArray, IntArray]:
    """Impressions and clicks of each request, shapes (requests,)."""
    seen, n = world.impressions, world.requests.user.size
    shown = np.bincount(seen.request, minlength=n)
    return shown, np.bincount(seen.request[seen.click], minlength=n)


def _sums(world: World, chosen: BoolArray) -> dict[str, Any]:
    """What each user did in some of the requests, shapes (users,)."""
    asked, n = world.requests, world.users.market.size
    user = asked.user[chosen]
    shown, clicks = _by_request(world)

    def total(values: Any) -> FloatArray:
        return np.asarray(np.bincount(user, values[chosen], n))

    return {
        "visits": total(asked.number == 0).astype(np.int64),
        "impressions": total(shown).astype(np.int64),
        "clicks": total(clicks).astype(np.int64),
        "revenue": total(asked.revenue),
    }


def _first_seen(world: World) -> np.ndarray[Any, Any]:
    """Time of each user's first request in the experiment, not a time where there is none."""
    late = np.flatnonzero(~_early(world))
    first = np.full(world.users.market.size, np.datetime64("NaT", "s"))
    # Requests are in the order of days and, within a user's visit, of their number.
    first[world.requests.user[late][::-1]] = times(world)[late][::-1]
    return first


def _came_back(world: World, first: np.ndarray[Any, Any]) -> BoolArray:
    """Whether each user made a visit 21 to 28 days after the first exposure, shape (users,)."""
    opens = world.requests.number == 0
    user = world.requests.user[opens]
    since = times(world)[opens] - first[user]
    back = user[(since >= 3 * WEEK) & (since < 4 * WEEK)]
    return np.bincount(back, minlength=first.size) > 0
