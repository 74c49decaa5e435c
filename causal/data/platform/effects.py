"""The true effect of an attribute on the click of every impression, in closed form."""

from __future__ import annotations

import numpy as np

from causal.base.errors import DataError, nearest
from causal.data.panel import FloatArray
from causal.data.platform.entities import logistic
from causal.data.platform.feedback import headline_effect, video_effect
from causal.data.platform.world import World

ATTRIBUTES = ("video", "headline", "original")


def click_effect(world: World, attribute: str) -> FloatArray:
    """Change in the probability of a click if users saw the attribute rather than not.

    Exposure stays as it was logged (the user-seen effect): with examination g, log-odds eta,
    attribute a and effect t on the log-odds it is g [s(eta + t (1 - a)) - s(eta - t a)].

    Parameters
    ----------
    world
        A world in which nothing set the attribute as users see it.
    attribute
        ``video``, ``headline``, or ``original``, whose effect is exactly zero.

    Returns
    -------
    numpy.ndarray
        Shape (impressions,), a difference of probabilities. A mean over rows is the average
        effect of those rows, over a segment the segment's.

    Raises
    ------
    DataError
        For another attribute, or a world in which it was set.

    Examples
    --------
    >>> from causal.data.platform import UNIT, Settings, simulate
    >>> world = simulate(Settings(seed=1, size=UNIT))
    >>> bool(0 < click_effect(world, "headline").mean() < 0.05)
    True
    """
    if attribute not in ATTRIBUTES:
        raise DataError(
            f"'{attribute}' is no attribute of the platform's items. There are "
            f"{', '.join(ATTRIBUTES)}.{nearest(attribute, ATTRIBUTES)}"
        )
    if any(each.attribute == attribute and each.user is not None for each in world.do.items):
        raise DataError(
            f"In this world '{attribute}' was set as users see it, so the log does not hold what "
            "was there before. Ask for the effect in a world without that."
        )
    seen, feedback, user = world.impressions, world.settings.feedback, world.user()
    if attribute == "original":
        return np.zeros(seen.count)
    if attribute == "video":
        shift = video_effect(feedback, world.users.low_bandwidth[user])
    else:
        shift = headline_effect(feedback, world.users.power[user])
    has = getattr(world.items, attribute)[seen.item]
    look = np.array(feedback.examination)[seen.position]
    with_it = logistic(seen.log_odds + shift * (1 - has))
    without = logistic(seen.log_odds - shift * has)
    return np.asarray(look * (with_it - without))
