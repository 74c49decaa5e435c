"""Retrieval: which live items a request may be answered with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.entities import Items, Users
from causal.data.platform.interventions import Do
from causal.data.platform.randomness import Hash, Stream, uniform
from causal.data.platform.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shelves:
    """Live items by topic: ``items`` one shelf after the other, with their starts and lengths."""

    items: IntArray
    start: IntArray
    length: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Candidates of each request, shape (requests, candidates), sorted by item.

    Where ``there`` is False the place is empty: no live item, a repeat, or an item that is hidden.
    """

    item: IntArray
    there: BoolArray


def shelves(items: Items, topics: int, day: int, max_age: int) -> Shelves:
    """Put the items that are young enough on the shelf of their topic, oldest first."""
    live = np.flatnonzero(day - items.born <= max_age)
    topic = items.topic[live]
    length = np.bincount(topic, minlength=topics)
    start = np.concatenate([[0], np.cumsum(length)[:-1]])
    return Shelves(items=live[np.argsort(topic, kind="stable")], start=start, length=length)


def retrieve(
    settings: Settings,
    do: Do,
    users: Users,
    items: Items,
    shelf: Shelves,
    requests: tuple[IntArray, Hash],
    day: int,
) -> Candidates:
    """Draw the candidates of requests, given as users and keys.

    A topic by the user's taste, then an item of its shelf uniformly. Users who are no power users
    lose most candidates of the badly distributed topic to another topic.
    """
    user, key = requests
    slot = np.arange(settings.size.candidates)[None]
    topic = _topics(settings, users.taste, user, key, slot)
    if not (do.fix_retrieval or do.moved("retrieval", day)):
        topic = _lose(settings, users, user, key, topic)
    place = uniform(settings.seed, Stream.CANDIDATE_ITEM, key[:, None], slot)
    length = shelf.length[topic]
    place *= length
    position = shelf.start[topic] + place.astype(np.int64)
    np.minimum(position, shelf.items.size - 1, out=position)
    item = np.where(length > 0, shelf.items[position], -1)
    item.sort(axis=1)
    there = item >= 0
    there[:, 1:] &= item[:, 1:] != item[:, :-1]
    np.maximum(item, 0, out=item)
    for thin in do.thin:
        if day >= thin.from_day:
            of = (items.topic == thin.topic) & (
                uniform(settings.seed, Stream.THIN_ITEM, items.key) < thin.fraction
            )
            by = uniform(settings.seed, Stream.THIN_USER, user) < thin.users
            there &= ~(of[item] & by[:, None])
    return Candidates(item=item, there=there)


def _topics(
    settings: Settings, taste: FloatArray, user: IntArray, key: Hash, slot: IntArray
) -> IntArray:
    """Topic of each candidate by inverting the user's cumulative shares."""
    draw = uniform(settings.seed, Stream.CANDIDATE_TOPIC, key[:, None], slot)
    limits = np.cumsum(taste, axis=1)[user]
    topic = np.zeros(draw.shape, dtype=np.int64)
    for k in range(settings.topics - 1):
        topic += draw > limits[:, k : k + 1]
    return topic


def _lose(settings: Settings, users: Users, user: IntArray, key: Hash, topic: IntArray) -> IntArray:
    gaps = settings.gaps
    row, place = np.nonzero((topic == gaps.undistributed) & (users.power[user] == 0)[:, None])
    lost = uniform(settings.seed, Stream.CANDIDATE_LOST, key[row], place) < gaps.lost
    topic[row[lost], place[lost]] = gaps.lost_to
    return topic
