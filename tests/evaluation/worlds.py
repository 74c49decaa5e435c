"""Worlds in which a check must speak, and their twins in which it must not."""

from __future__ import annotations

import numpy as np
import pandas as pd


def logistic(x: np.ndarray) -> np.ndarray:
    """Probability of log-odds."""
    return 1 / (1 + np.exp(-x))


def confounded(
    rows: int, seed: int = 0, *, lean: float = 0.7, product: float = 0.0
) -> pd.DataFrame:
    """A binary attribute and two confounders, with their product if asked; the effect is 1."""
    rng = np.random.default_rng(seed)
    x1, x2 = rng.normal(size=(2, rows))
    a = (rng.random(rows) < logistic(lean * x1 + product * x1 * x2)).astype(int)
    y = a + x1 + 0.5 * x2 + product * x1 * x2 + rng.normal(size=rows)
    return pd.DataFrame({"a": a, "x1": x1, "x2": x2, "y": y})


def blocks(seed: int = 0, *, hidden: float, count: int = 150, size: int = 10) -> pd.DataFrame:
    """Rows of creators, whose unmeasured quality leans the attribute and the outcome."""
    rng = np.random.default_rng([1, seed])
    k = np.repeat(np.arange(count), size)
    quality = rng.normal(size=count)[k]
    x1, x2 = rng.normal(size=(2, k.size))
    a = (rng.random(k.size) < logistic(0.5 * x1 + hidden * quality)).astype(int)
    y = a + x1 + 0.5 * x2 + hidden * quality + rng.normal(size=k.size)
    return pd.DataFrame({"k": k, "a": a, "x1": x1, "x2": x2, "y": y})


def platform(seed: int = 0, creators: int = 150, items: int = 60) -> pd.DataFrame:
    """A small platform: creators' quality moves who makes video, who is shown, and who is clicked.

    Adding video to an item raises its outcome by 0.3. A ranker shows items by a noisy forecast of
    the outcome, so that the shown items of one creator are selected; a fifth of the exposure is
    drawn at random.
    """
    rng = np.random.default_rng([2, seed])
    k = np.repeat(np.arange(creators), items)
    quality = rng.normal(size=creators)[k]
    video = (rng.random(k.size) < logistic(quality)).astype(int)
    topic = rng.integers(4, size=k.size)
    appeal = rng.normal(size=k.size)
    y = 0.3 * video + quality + appeal + rng.normal(scale=0.5, size=k.size)
    explored = rng.random(k.size) < 0.2
    forecast = quality + video + appeal + rng.normal(scale=0.5, size=k.size)
    shown = explored | (forecast > 0.5)
    frame = pd.DataFrame(
        {"creator": k, "a": video, "topic": topic, "y": y, "explored": explored.astype(int)}
    )
    return frame[shown].reset_index(drop=True)
