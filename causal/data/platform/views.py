"""How the ranker and the users see items: the two can be set apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import BoolArray, FloatArray
from causal.data.platform.entities import Items
from causal.data.platform.interventions import Do, SetAttribute
from causal.data.platform.randomness import Stream, uniform
from causal.data.platform.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Views:
    """Items as seen; all shapes (items,)."""

    video_ranked: FloatArray
    video_seen: FloatArray
    headline_ranked: FloatArray
    headline_seen: FloatArray
    fresh: FloatArray


def views(settings: Settings, do: Do, items: Items, day: int) -> Views:
    """See the items of a day."""
    ranked = {"video": items.video, "headline": items.headline}
    seen = dict(ranked)
    for change in do.items:
        if day < change.from_day:
            continue
        inside = treated(settings, items, change)
        name = change.attribute
        if change.ranker is not None:
            ranked[name] = np.where(inside, change.ranker, ranked[name])
        if change.user is not None:
            seen[name] = np.where(inside, change.user, seen[name])
    return Views(
        video_ranked=ranked["video"],
        video_seen=seen["video"],
        headline_ranked=ranked["headline"],
        headline_seen=seen["headline"],
        fresh=np.exp(-(day - items.born) / settings.distribution.freshness_days),
    )


def treated(settings: Settings, items: Items, change: SetAttribute) -> BoolArray:
    """Items of the hashed fraction, the same in every world; shape (items,)."""
    return uniform(settings.seed, Stream.TREATED_ITEM, items.key) < change.fraction
