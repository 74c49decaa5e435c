"""A holdout is counted and checked like every arm; no effect is read of it."""

from __future__ import annotations

from dataclasses import replace

from causal.data.moments.collected import Collected
from causal.data.moments.moments import Moments, of_arms


def without_holdout(found: Collected, holdout: object) -> Collected:
    """Sums of the arms that are compared; a holdout is the last of them, and only that is left out."""

    def kept(moments: Moments) -> Moments:
        return of_arms(moments, [i for i, arm in enumerate(moments.arms) if arm != holdout])

    if holdout not in found.moments.arms:
        return found
    return replace(
        found,
        moments=kept(found.moments),
        segments={name: kept(each) for name, each in found.segments.items()},
        cohorts=None if found.cohorts is None else kept(found.cohorts),
        daily={name: replace(d, moments=kept(d.moments)) for name, d in found.daily.items()},
    )
