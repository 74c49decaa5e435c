"""The long-term effect that a study asks to have projected, with its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from causal.data.moments.collected import Collected
from causal.design.experiment import Experiment

if TYPE_CHECKING:
    from causal.estimation.experiment.effects import Asked


def projected(experiment: Experiment, read: Collected, asked: Asked) -> Mapping[str, Any] | None:
    """Project it and make its part of result.json; None where none is asked for.

    None on a shared pool too, where a difference between arms is no effect.
    """
    from causal.data.past import read_past
    from causal.data.request import Request
    from causal.design.projection import goal_of
    from causal.estimation.experiment.projection import projection
    from causal.estimation.experiment.short_effects import short_effects
    from causal.reporting.experiment._projection import told

    wanted = experiment.projection
    if wanted is None or experiment.pool == "shared":
        return None
    folder = experiment.path.parent if experiment.path else None
    past = read_past(
        Request(folder=folder, file=experiment.path),
        wanted.past,
        (*wanted.sources, wanted.target),
        covariances=wanted.covariances,
    )
    of = {reading.metric: reading for reading in read.readings}
    shorts = short_effects(
        read.moments,
        [of[name] for name in wanted.sources],
        asked,
        relative=wanted.scale == "relative",
    )
    found = projection(
        past,
        shorts,
        goal=goal_of(experiment, wanted),
        level=experiment.settings.level,
        seed=experiment.settings.seed,
    )
    return told(found, past, shorts, scale=wanted.scale, level=experiment.settings.level)
