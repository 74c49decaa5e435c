"""The simulated platform: a ranker selects what is shown, creators' quality confounds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, study
from causal.data.platform import UNIT, Settings, simulate
from causal.data.platform.effects import click_effect
from causal.data.platform.tables import impressions

NUMBER = 11
ROWS = 0
ATTRIBUTES = {"video": "video", "question_headline": "headline", "original": "original"}
CONFOUNDERS = ["creator_tier", "topic", "weekday", "item_age_days", "market"]


def draw(seed: int, rows: int = ROWS) -> Drawn:  # noqa: ARG001 - the platform has its own size
    """Effects per impression as users see them, over the rows the headline design weighs."""
    world = simulate(Settings(seed=seed, size=UNIT))
    frame = pd.DataFrame(impressions(world))
    zero = np.zeros(len(frame))
    effects = {name: click_effect(world, own) for name, own in ATTRIBUTES.items()}
    return Drawn(
        frame=frame,
        study=study(
            "platform",
            list(ATTRIBUTES),
            CONFOUNDERS,
            outcome={"name": "clicked", "column": "clicked"},
            cluster=["creator_id", "user_id"],
            block="creator_id",
            exploration="explored",
            mediators=["position", "times_seen"],
        ),
        truth={
            (name, "1 - 0"): Means(high=effect, low=zero, propensity=zero + 0.5)
            for name, effect in effects.items()
        },
        by_rows=True,
    )
