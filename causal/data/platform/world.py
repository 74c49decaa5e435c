"""A world that was run: who was in it, and all that happened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np

from causal.base.errors import DataError
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.entities import Creators, Items, Users
from causal.data.platform.interventions import Do
from causal.data.platform.randomness import Hash
from causal.data.platform.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """Every request in the order of days; all shapes (requests,).

    ``number`` is the request of the visit (0 the first half day), ``candidates`` how many items
    were to choose from, ``worth`` the utility to the user, which no table shows.
    """

    user: IntArray
    day: IntArray
    number: IntArray
    explored: BoolArray
    candidates: IntArray
    ads: IntArray
    revenue: FloatArray
    worth: FloatArray
    key: Hash


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Impressions:
    """Every impression in the order of requests and slots; all shapes (impressions,).

    ``request`` is a position in :class:`Requests`. ``propensity`` is the probability of the item
    in this slot given the slots above, ``shadow`` the same under each shadow ranker, shape
    (impressions, shadows). ``times`` is how often the user had been shown the item.
    ``log_odds`` is the true log-odds of a click given a look. ``answer`` is 1, 0, or -1.
    """

    request: IntArray
    item: IntArray
    position: IntArray
    propensity: FloatArray
    shadow: FloatArray
    relevance: FloatArray
    times: IntArray
    log_odds: FloatArray
    new_creator: BoolArray
    click: BoolArray
    save: BoolArray
    hide: BoolArray
    asked: BoolArray
    answer: IntArray

    @property
    def count(self) -> int:
        """How many impressions there are."""
        return int(self.request.size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """One run of the platform.

    ``visits`` and ``worth`` (mean utility of the day's requests) have shape (users, days);
    ``satisfaction`` is the users' state on the last day; ``creator_impressions``,
    ``creator_clicks``, ``active`` and ``posts`` have shape (creators, days).
    """

    settings: Settings
    do: Do
    users: Users
    creators: Creators
    items: Items
    requests: Requests
    impressions: Impressions
    visits: BoolArray
    worth: FloatArray
    satisfaction: FloatArray
    creator_impressions: IntArray
    creator_clicks: IntArray
    active: BoolArray
    posts: BoolArray

    def day(self) -> IntArray:
        """Day of each impression, shape (impressions,)."""
        return self.requests.day[self.impressions.request]

    def user(self) -> IntArray:
        """User of each impression, shape (impressions,)."""
        return self.requests.user[self.impressions.request]

    def long_visits(self) -> IntArray:
        """Days with a visit in the second half of the horizon, shape (users,)."""
        return np.asarray(self.visits[:, self.settings.size.long_from :].sum(axis=1))

    def retained(self) -> BoolArray:
        """Whether a user came in the last 7 days, shape (users,)."""
        return np.asarray(self.visits[:, -7:].any(axis=1))

    def digest(self, before: int | None = None) -> str:
        """Hash every number of the world, or every impression and visit before a day.

        Raises
        ------
        DataError
            For a day that is not in the horizon.
        """
        hasher = hashlib.sha256()
        if before is None:
            parts = (self.users, self.creators, self.items, self.requests, self.impressions)
            for part in parts:
                for each in fields(part):
                    hasher.update(np.ascontiguousarray(getattr(part, each.name)).tobytes())
            for array in (self.visits, self.worth, self.satisfaction, self.active, self.posts):
                hasher.update(np.ascontiguousarray(array).tobytes())
            return hasher.hexdigest()
        if not 0 <= before <= self.settings.size.days:
            raise DataError(f"Day {before} is not one of the {self.settings.size.days} days.")
        early = self.day() < before
        for each in fields(self.impressions):
            hasher.update(getattr(self.impressions, each.name)[early].tobytes())
        hasher.update(np.ascontiguousarray(self.visits[:, :before]).tobytes())
        return hasher.hexdigest()
