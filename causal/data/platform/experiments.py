"""Many past experiments on the ranker, for surrogates and proxy metrics."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.data.panel import FloatArray
from causal.data.platform.days import simulate
from causal.data.platform.interventions import Do, Policy
from causal.data.platform.metrics import metrics
from causal.data.platform.randomness import Stream, normal
from causal.data.platform.settings import Ranker, Settings
from causal.data.platform.world import World

SHORT = ("clicks per visit", "saves per visit", "hides per visit", "visits in the first week")
LONG = "late visits"
TRUE = ("clicks per impression", "saves per impression", "hides per impression", "worth per visit",
        "late visits per user")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Experiments:
    """Experiments on random ranker weights, as measured and as they truly are.

    Attributes
    ----------
    rankers
        The weights each experiment tried.
    names, measured, errors
        Names of the outcomes, treated minus control users, and its standard error; shapes
        (experiments, outcomes). The last outcome is the long-term one.
    true_names, true
        Differences between running the weights for all users and for none, in a world with more
        users; shape (experiments, metrics).
    """

    rankers: tuple[Ranker, ...]
    names: tuple[str, ...]
    measured: FloatArray
    errors: FloatArray
    true_names: tuple[str, ...]
    true: FloatArray


def experiments(settings: Settings, count: int, *, users_for_truth: int = 10) -> Experiments:
    """Run experiments on half of the users, and each one's truth.

    Parameters
    ----------
    settings
        World of the experiments; its seed decides the weights and the arms' luck.
    count
        How many.
    users_for_truth
        How many times as many users the worlds have from which truths come.

    Notes
    -----
    All users share counters of clicks, so a measured difference also misses what the arms learn
    from each other; the truth does not.
    """
    large = replace(
        settings, size=replace(settings.size, users=users_for_truth * settings.size.users)
    )
    rankers = tuple(random_ranker(settings, number) for number in range(count))
    base = _true(large, Do())
    measured, errors, true = [], [], []
    for number, ranker in enumerate(rankers):
        own = replace(settings, seed=settings.seed + number)
        half = simulate(own, Do(policies=(Policy(ranker=ranker, users="half"),)))
        value, error = _compare(half)
        measured.append(value)
        errors.append(error)
        true.append(_true(large, Do(policies=(Policy(ranker=ranker),))) - base)
    return Experiments(
        rankers=rankers,
        names=(*SHORT, LONG),
        measured=np.array(measured),
        errors=np.array(errors),
        true_names=TRUE,
        true=np.array(true),
    )


def random_ranker(settings: Settings, number: int) -> Ranker:
    """Weights around the usual ones, by the number of the experiment."""
    usual = settings.distribution.ranker
    draw = normal(settings.seed, Stream.EXPERIMENT, number, np.arange(4))
    return replace(
        usual,
        popularity=usual.popularity + 0.6 * float(draw[0]),
        freshness=usual.freshness + 0.5 * float(draw[1]),
        video=usual.video + 0.5 * float(draw[2]),
        headline=usual.headline + 0.8 * float(draw[3]),
    )


def _true(settings: Settings, do: Do) -> FloatArray:
    found = metrics(simulate(settings, do), settings.size.burn_in)
    return np.array([found[name] for name in TRUE])


def _compare(world: World) -> tuple[FloatArray, FloatArray]:
    """Treated minus control means over users, with standard errors."""
    outcomes, arm = _outcomes(world), world.users.arm
    on, off = outcomes[arm], outcomes[~arm]
    error = np.sqrt(on.var(axis=0, ddof=1) / len(on) + off.var(axis=0, ddof=1) / len(off))
    return on.mean(axis=0) - off.mean(axis=0), error


def _outcomes(world: World) -> FloatArray:
    """Short outcomes of each user in the week after the burn-in, then the long one."""
    size, seen, n = world.settings.size, world.impressions, world.settings.size.users
    week = slice(size.burn_in, size.burn_in + 7)
    visits = world.visits[:, week].sum(axis=1)
    day = world.day()
    inside = (day >= week.start) & (day < week.stop)
    user = world.user()
    counts = [
        np.bincount(user[inside & acts], minlength=n) / np.maximum(visits, 1)
        for acts in (seen.click, seen.save, seen.hide)
    ]
    return np.column_stack([*counts, visits, world.long_visits()]).astype(float)
