"""Estimands of the simulated platform: each a frozen value that a world answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.days import simulate
from causal.data.platform.effects import click_effect
from causal.data.platform.interventions import Do, Policy, SetAttribute
from causal.data.platform.metrics import metrics
from causal.data.platform.scoring import adopted
from causal.data.platform.settings import Settings
from causal.data.platform.tables import item_ids
from causal.data.platform.views import treated
from causal.data.platform.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class PerImpression:
    """Average effect of an attribute as users see it on the click of an impression, in closed form.

    Over production traffic, exploration traffic, both, and the segments of each trait of users.
    """

    attribute: str
    do: Do = field(default_factory=Do)

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Means over rows of the log."""
        world = simulate(settings, self.do)
        effect, user = click_effect(world, self.attribute), world.user()
        explored = world.requests.explored[world.impressions.request]
        slow, power = world.users.low_bandwidth[user] == 1, world.users.power[user] == 1
        groups: dict[str, BoolArray] = {
            "all": np.ones(effect.size, dtype=bool),
            "production": ~explored,
            "exploration": explored,
            "low bandwidth": slow,
            "high bandwidth": ~slow,
            "power users": power,
            "other users": ~power,
        }
        return {name: float(effect[rows].mean()) for name, rows in groups.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal:
    """Clicks in an item's first week when a few items get the attribute, by path.

    The same hashed items, in four worlds: as the ranker sees them with and without, as users see
    them with and without. ``user-seen`` is Y(1, 1) - Y(1, 0) and ``ranker-seen`` Y(1, 0) -
    Y(0, 0), the first index the ranker's. Items are those that all four worlds have.
    """

    attribute: str
    fraction: float = 0.05

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Clicks per item."""
        counts = {
            (ranker, user): _first_week(settings, self._change(ranker, user))
            for ranker in (0, 1)
            for user in (0, 1)
        }
        shared = sorted(set.intersection(*(set(each) for each in counts.values())))
        y = {key: float(np.mean([each[item] for item in shared])) for key, each in counts.items()}
        return {
            "items": float(len(shared)),
            "without": y[0, 0],
            "user-seen": y[1, 1] - y[1, 0],
            "ranker-seen": y[1, 0] - y[0, 0],
            "total": y[1, 1] - y[0, 0],
        }

    def _change(self, ranker: int, user: int) -> SetAttribute:
        return SetAttribute(
            attribute=self.attribute,
            ranker=float(ranker),
            user=float(user),
            fraction=self.fraction,
        )


def _first_week(settings: Settings, change: SetAttribute) -> dict[int, int]:
    """Clicks of each treated item in its first week, by the item's number."""
    world = simulate(settings, Do(items=(change,)))
    made, seen = world.items, world.impressions
    whole = (made.born >= 0) & (made.born <= settings.size.days - 7)
    chosen = np.flatnonzero(treated(settings, made, change) & whole)
    week = seen.click & (world.day() - made.born[seen.item] < 7)
    clicks = np.bincount(seen.item[week], minlength=made.count)
    return dict(zip(item_ids(world)[chosen].tolist(), clicks[chosen].tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Every metric in a world where something is done, minus a world where it is not.

    Metrics are measured from the first day on which the two can differ.
    """

    high: Do
    low: Do = field(default_factory=Do)

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Differences of metrics."""
        days = (self.high.first_day(settings.size), self.low.first_day(settings.size))
        first = min(*days, settings.size.days - 1)
        after = metrics(simulate(settings, self.high), first)
        before = metrics(simulate(settings, self.low), first)
        return {name: after[name] - before[name] for name in after}


def global_effect(attribute: str) -> Difference:
    """All items with the attribute against none with it, as ranker and users see them."""
    worlds = [
        Do(items=(SetAttribute(attribute=attribute, ranker=value, user=value),))
        for value in (1.0, 0.0)
    ]
    return Difference(high=worlds[0], low=worlds[1])


def creator_side() -> Difference:
    """Boosting every creator against boosting none: exactly zero, for exposure is a fixed sum."""
    return Difference(high=Do(creators="all"))


def two_sided() -> Difference:
    """Boosting every creator for every user: exactly zero as well."""
    return Difference(high=Do(pairs="all"))


def user_side() -> Difference:
    """Freshness counting more for all users against for none."""
    return Difference(high=Do(users="all"))


def switchback() -> Difference:
    """Freshness counting more in all markets and half days against in none."""
    return Difference(high=Do(switchback="all"))


def policy_value(*policies: Policy) -> Difference:
    """Running policies against the usual one; feedback to counters and users included."""
    return Difference(high=Do(policies=policies))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDayValue:
    """Clicks per request of a policy on the one day before anything can learn from it.

    Users, items and counters are those of the usual policy, so this is what a logged day can be
    reweighted to (off-policy evaluation).
    """

    policies: tuple[Policy, ...]
    day: int

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Clicks per request on the day."""
        moved = tuple(replace(each, from_day=self.day) for each in self.policies)
        end = self.day + 1
        values = [
            metrics(simulate(settings, do, until=end), self.day, end)["clicks per request"]
            for do in (Do(policies=moved), Do())
        ]
        return {"policy": values[0], "usual": values[1], "difference": values[0] - values[1]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """Effect of a rollout on treated market-weeks, and on those not yet treated.

    Outcomes are the share of impressions that new creators get and the click rate. ``ATT`` is the
    mean over treated cells of the world with it minus a world without it, ``ATT g, t`` over the
    cells of a cohort (adoption week) in a week, ``ATT calendar t`` over those of a week, ``ATT event
    e`` over those so many weeks after adoption. ``spillover`` is the same over untreated cells from
    the first adoption on, ``spillover e`` over those so many weeks after it. Weeks that end after
    ``until`` do not count.
    """

    do: Do = field(default_factory=lambda: Do(rollout="staggered"))
    until: int | None = None

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Differences of cells."""
        size = settings.size
        weeks = (size.days if self.until is None else self.until) // 7
        ran, never = (simulate(settings, do, until=self.until) for do in (self.do, Do()))
        when = adopted(settings, np.arange(size.markets), self.do.rollout)
        out: dict[str, float] = {}
        for outcome in ("new creator share", "click rate"):
            gap = (_cells(ran, outcome) - _cells(never, outcome))[:, :weeks]
            out |= by_cell(gap, when, size.adoption[0], outcome)
        return out


def by_cell(gap: FloatArray, when: IntArray, first: int, outcome: str) -> dict[str, float]:
    """Mean differences of two worlds over treated and untreated cells, by cohort and week.

    Parameters
    ----------
    gap
        The difference of each cell, missing where there is none, shape (entities, weeks).
    when
        Day of adoption of each entity, beyond the horizon where it never adopts.
    first
        The first day of adoption.
    outcome
        What the differences are of, for their names.
    """
    start = np.arange(gap.shape[1])[None] * 7
    inside = start >= when[:, None]
    later = (start >= first) & ~inside
    out = {f"ATT {outcome}": _mean(gap[inside]), f"spillover {outcome}": _mean(gap[later])}
    for day in np.unique(when[when < gap.shape[1] * 7]).tolist():
        cohort = gap[when == day]
        for t in range(-(-day // 7), gap.shape[1]):
            out[f"ATT {outcome} {day // 7}, {t}"] = _mean(cohort[:, t])
    since = (start - when[:, None]) // 7
    weeks = range(first // 7, gap.shape[1])
    for e in range(len(weeks)):
        out[f"ATT event {outcome} {e}"] = _mean(gap[inside & (since == e)])
    for week in weeks:
        out[f"ATT calendar {outcome} {week}"] = _mean(gap[:, week][inside[:, week]])
    for e, week in enumerate(weeks):
        out[f"spillover {outcome} {e}"] = _mean(gap[:, week][later[:, week]])
    return out


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _cells(world: World, outcome: str) -> FloatArray:
    """An outcome by market and whole week, shape (markets, weeks)."""
    size, seen = world.settings.size, world.impressions
    weeks = size.days // 7
    day = world.day()
    whole = day < weeks * 7
    cell = (world.users.market[world.user()] * weeks + day // 7)[whole]
    event = (seen.new_creator if outcome == "new creator share" else seen.click)[whole]
    shown: IntArray = np.bincount(cell, minlength=size.markets * weeks)
    hit = np.bincount(cell[event], minlength=size.markets * weeks)
    share = np.divide(hit, shown, out=np.full(shown.size, np.nan), where=shown > 0)
    return np.asarray(share.reshape(size.markets, weeks))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyGrid:
    """Metrics of every policy of a grid: the ranker's weight of video, by bandwidth of the user.

    The best feasible policy and the regret of a choice follow from it (:func:`regret`).
    """

    weights: tuple[float, ...] = (-0.6, 0.0, 0.35, 0.8)
    objective: str = "clicks per request"
    constraint: str = "worth per visit"

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Objective and constraint, as ``objective low/high`` and ``constraint low/high``."""
        out: dict[str, float] = {}
        usual = settings.distribution.ranker
        for low in self.weights:
            for high in self.weights:
                policies = (
                    Policy(ranker=replace(usual, video=low), users="low bandwidth"),
                    Policy(ranker=replace(usual, video=high), users="high bandwidth"),
                )
                found = metrics(simulate(settings, Do(policies=policies)), settings.size.burn_in)
                out[f"objective {low:g}/{high:g}"] = found[self.objective]
                out[f"constraint {low:g}/{high:g}"] = found[self.constraint]
        return out


def regret(values: Mapping[str, float], chosen: str, at_least: float) -> float:
    """How much a choice gives up against the best policy of a grid that keeps the constraint.

    Parameters
    ----------
    values
        Quantities of a :class:`PolicyGrid`.
    chosen
        A policy, as ``low/high``.
    at_least
        Least value of the constraint.

    Examples
    --------
    >>> grid = {"objective a": 1.0, "constraint a": 0.2, "objective b": 3.0, "constraint b": 0.1}
    >>> regret(grid, "a", at_least=0.0), regret(grid, "a", at_least=0.15)
    (2.0, 0.0)
    """
    names = [key.removeprefix("objective ") for key in values if key.startswith("objective ")]
    feasible = [
        values[f"objective {name}"] for name in names if values[f"constraint {name}"] >= at_least
    ]
    return max(feasible, default=float("nan")) - values[f"objective {chosen}"]
