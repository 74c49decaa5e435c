"""A long-term effect that is to be projected from short-term ones, by past experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from causal.base.errors import listing, nearest
from causal.content.metric import Type
from causal.content.outcome import Goal
from causal.design._common import Name, OneOrSeveral, Part
from causal.design.rules import Broken, repeats

if TYPE_CHECKING:
    from causal.design.experiment import Experiment


class Projection(Part):
    """A long-term effect projected from short-term ones; for display only."""

    target: Name
    """The long-term metric, as the past table names it; it may be an outcome of this study."""
    sources: OneOrSeveral = Field(alias="from", min_length=1, max_length=3)
    """Outcomes of this study it is projected from, one to three; the past table has them too."""
    past: Name
    """CSV or parquet file: experiment, arm, metric, effect, std_error; relative to the study."""
    covariances: Name | None = None
    """File with metric_a, metric_b and covariance (experiment, arm) or correlation of errors."""
    scale: Literal["relative", "absolute"] = "relative"
    """Whether past effects are over the control's level, or in the metrics' own units."""
    goal: Goal | None = None
    """Which way is good; that of the outcome of this name, else increase."""


def projections(study: Experiment) -> Iterator[Broken]:
    """Every rule that the projection breaks."""
    asked = study.projection
    if asked is None:
        return
    of = {metric.name: metric for metric in study.outcomes}
    for i, name in enumerate(asked.sources):
        key = f"projection.from[{i}]"
        if name not in of:
            yield Broken(
                key, f"names '{name}', which is no outcome.{nearest(name, of)} "
                f"The outcomes are {listing(of)}.",
            )  # fmt: skip
        elif of[name].type is Type.QUANTILE:
            yield Broken(
                key, f"is '{name}', a quantile, whose error is not known together with those of "
                "other metrics. Name a mean, a share or a rate.",
            )  # fmt: skip
        if name == asked.target:
            yield Broken(
                key, f"is '{name}', which is the target. It is projected from other metrics."
            )
    for i, name, first in repeats(asked.sources):
        yield Broken(
            f"projection.from[{i}]", f"is '{name}', as projection.from[{first}] is. Keep one."
        )
    given = of[asked.target].goal if asked.target in of else None
    if given is not None and asked.goal not in (None, given):
        yield Broken(
            "projection.goal",
            f"is '{asked.goal}', but the outcome '{asked.target}' has '{given}'. Keep one.",
        )


def goal_of(study: Experiment, asked: Projection) -> Goal:
    """Which way is good for the long-term metric."""
    known = {metric.name: metric.goal for metric in study.outcomes}
    return asked.goal or known.get(asked.target, Goal.INCREASE)
