"""Metrics of a world over some days: use, value, supply, diversity."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.world import World

METRICS = (
    "clicks per impression",
    "clicks per request",
    "clicks per user",
    "saves per impression",
    "hides per impression",
    "worth per visit",
    "visits per user",
    "late visits per user",
    "retained",
    "revenue per user",
    "new creator share",
    "creators active",
    "creators shown",
    "Gini of creators",
    "topics shown",
    "topics per user",
)


def metrics(world: World, first: int = 0, last: int | None = None) -> Mapping[str, float]:
    """Measure a world from day ``first`` up to, not including, day ``last``.

    Late visits and retention are those of the end of the horizon. ``creators shown`` and ``topics
    shown`` are effective numbers (Hill 1973, order 1) of impressions, ``topics per user`` the mean
    of the same over users.

    Examples
    --------
    >>> from causal.data.platform import UNIT, Settings, simulate
    >>> found = metrics(simulate(Settings(seed=1, size=UNIT)))
    >>> bool(found["topics per user"] < found["topics shown"] < 8)
    True
    """
    size = world.settings.size
    last = size.days if last is None else last
    seen = world.impressions
    asked = (world.requests.day >= first) & (world.requests.day < last)
    rows = asked[seen.request]
    shown = max(int(rows.sum()), 1)
    clicks = int(seen.click[rows].sum())
    visits = world.visits[:, first:last]
    by_creator = world.creator_impressions[:, first:last].sum(axis=1)[:-1]
    topic = np.bincount(world.items.topic[seen.item[rows]], minlength=world.settings.topics)
    values = (
        clicks / shown,
        clicks / max(int(asked.sum()), 1),
        clicks / size.users,
        seen.save[rows].sum() / shown,
        seen.hide[rows].sum() / shown,
        worth_per_visit(world, first, last),
        visits.sum() / size.users,
        world.long_visits().mean(),
        world.retained().mean(),
        world.requests.revenue[asked].sum() / size.users,
        seen.new_creator[rows].mean() if rows.any() else 0.0,
        world.active[:-1, last - 1].sum(),
        hill(by_creator),
        gini(by_creator),
        hill(topic),
        _topics_per_user(world, rows),
    )
    return {name: float(value) for name, value in zip(METRICS, values, strict=True)}


def worth_per_visit(world: World, first: int, last: int, users: BoolArray | None = None) -> float:
    """Mean utility of a visit in some days, of all users or some."""
    chosen = slice(None) if users is None else users
    visits = world.visits[chosen, first:last]
    return float(world.worth[chosen, first:last][visits].sum() / max(int(visits.sum()), 1))


def hill(counts: FloatArray | IntArray) -> float:
    """Effective number: the exponential of Shannon's entropy of shares.

    >>> round(hill(np.array([5, 5, 5, 0])), 6)
    3.0
    """
    share = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.exp(-(share * np.log(share)).sum()))


def gini(counts: FloatArray | IntArray) -> float:
    """Gini coefficient: 0 when all have the same, near 1 when one has everything.

    >>> gini(np.array([3, 3, 3])), gini(np.array([0, 0, 0, 8]))
    (0.0, 0.75)
    """
    ordered = np.sort(counts)
    n, total = ordered.size, ordered.sum()
    if total == 0:
        return 0.0
    rank = np.arange(1, n + 1)
    return float((2 * (rank * ordered).sum() / total - (n + 1)) / n)


def _topics_per_user(world: World, rows: BoolArray) -> float:
    topics = world.settings.topics
    user, topic = world.user()[rows], world.items.topic[world.impressions.item[rows]]
    counts = np.bincount(user * topics + topic, minlength=world.settings.size.users * topics)
    table = counts.reshape(-1, topics)
    table = table[table.sum(axis=1) > 0]
    share = table / table.sum(axis=1, keepdims=True)
    entropy = -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=1)
    return float(np.exp(entropy).mean()) if table.size else 0.0
