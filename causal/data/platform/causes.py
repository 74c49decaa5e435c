"""Causes of a movement and of a gap: Shapley values over worlds with some mechanisms changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from causal.data.panel import BoolArray
from causal.data.platform.days import simulate
from causal.data.platform.entities import Users
from causal.data.platform.interventions import MECHANISMS, Do, Inject, Mechanism, Move, Thin
from causal.data.platform.metrics import metrics, worth_per_visit
from causal.data.platform.settings import Settings


def shapley(
    players: tuple[str, ...], value: Callable[[tuple[str, ...]], float]
) -> dict[str, float]:
    """Split a value among players, by their mean contribution over all orders (Shapley 1953).

    ``value`` is called once for each coalition, given in the order of ``players``.

    >>> shapley(("a", "b"), lambda who: float(len(who) == 2))
    {'a': 0.5, 'b': 0.5}
    """
    n = len(players)
    worth = {
        frozenset(some): value(some)
        for size in range(n + 1)
        for some in combinations(players, size)
    }
    out = dict.fromkeys(players, 0.0)
    for player in players:
        others = [each for each in players if each != player]
        for size in range(n):
            share = factorial(size) * factorial(n - 1 - size) / factorial(n)
            for some in combinations(others, size):
                before = frozenset(some)
                out[player] += share * (worth[before | {player}] - worth[before])
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Why a metric moved between the weeks before and after a day, by mechanism.

    ``total`` is what the change of all mechanisms together moved in the week after; the parts of
    the mechanisms add up to it. ``drift`` is the difference between the weeks when nothing changed.
    """

    metric: str = "clicks per request"
    day: int | None = None
    mechanisms: tuple[Mechanism, ...] = MECHANISMS

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Run every coalition."""
        day = settings.size.long_from if self.day is None else self.day

        worths: dict[tuple[str, ...], float] = {}

        def value(some: tuple[str, ...]) -> float:
            chosen = tuple(name for name in self.mechanisms if name in some)
            world = simulate(
                settings,
                Do(move=Move(mechanisms=chosen, day=day)),
                until=min(day + 7, settings.size.days),
            )
            worths[some] = metrics(world, day, day + 7)[self.metric]
            return worths[some]

        before = metrics(simulate(settings, until=day), day - 7, day)[self.metric]
        parts = shapley(self.mechanisms, value)
        return {
            **parts,
            "total": worths[self.mechanisms] - worths[()],
            "drift": worths[()] - before,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GapValue:
    """What more supply of a topic, or less, is worth to the users who like the topic most.

    The change in utility per visit of the top fifth of users by taste, in the 20 days from when
    items of the topic were added, or a fraction of them was hidden.
    """

    topic: int
    items: int = 0
    quality: float = 0.4
    hidden: float = 0.0
    day: int | None = None

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """One world with, one without."""
        day = settings.size.long_from if self.day is None else self.day
        more = Inject(topic=self.topic, items=self.items, quality=self.quality, day=day)
        less = Thin(topic=self.topic, fraction=self.hidden, from_day=day)
        changed = _worth(settings, Do(inject=(more,), thin=(less,)), self.topic, day)
        return {"worth per visit": changed - _worth(settings, Do(), self.topic, day)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCause:
    """Which repair closes the gap of a topic: more supply, better retrieval or better quality.

    For each repair the change it makes alone (``supply alone``) and its Shapley value over all
    repairs (``supply``), in utility per visit of the fifth of users who like the topic most.
    """

    topic: int
    items: int = 90
    quality: float = 0.4

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Run every set of repairs."""
        day = settings.size.long_from
        worths: dict[tuple[str, ...], float] = {}

        def value(some: tuple[str, ...]) -> float:
            extra = Inject(topic=self.topic, items=self.items, quality=self.quality, day=day)
            do = Do(
                inject=(extra,) if "supply" in some else (),
                fix_retrieval="retrieval" in some,
                fix_quality="quality" in some,
            )
            worths[some] = _worth(settings, do, self.topic, day)
            return worths[some]

        repairs = ("supply", "retrieval", "quality")
        parts = shapley(repairs, value)
        alone = {f"{name} alone": worths[(name,)] - worths[()] for name in repairs}
        return {**parts, **alone, "all": worths[repairs] - worths[()]}


def _worth(settings: Settings, do: Do, topic: int, day: int) -> float:
    last = min(day + 20, settings.size.days)
    world = simulate(settings, do, until=last)
    return worth_per_visit(world, day, last, fond(world.users, topic))


def fond(users: Users, topic: int) -> BoolArray:
    """The fifth of users whose taste for a topic is strongest, shape (users,)."""
    taste = users.taste[:, topic]
    return np.asarray(taste >= np.quantile(taste, 0.8))
