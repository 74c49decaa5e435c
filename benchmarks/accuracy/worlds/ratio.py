"""A ratio of sums whose denominator is random and moved by the attribute: clicks per impression."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 12
ROWS = 2_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Better items get more impressions and more clicks of each; the attribute moves both."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 4))
    e = logistic(0.6 * x[:, 0] - 0.3 * x[:, 1])
    a = (rng.random(rows) < e).astype(int)
    size = {k: 10 * np.exp(0.4 * x[:, 0] + 0.2 * k) for k in (0, 1)}
    rate = {k: logistic(-2.2 + 0.4 * x[:, 0] + 0.2 * x[:, 2] + 0.3 * k) for k in (0, 1)}
    shown = 1 + rng.poisson(np.where(a == 1, size[1], size[0]))
    clicks = rng.binomial(shown, np.where(a == 1, rate[1], rate[0]))
    frame = pd.DataFrame({"a": a, **columns(x), "shown": shown, "clicks": clicks})
    return Drawn(
        frame=frame,
        study=study(
            "ratio",
            ["a"],
            list(columns(x)),
            outcome={"name": "ctr", "numerator": "clicks", "denominator": "shown"},
        ),
        truth={
            ("a", "1 - 0"): Means(
                high=(1 + size[1]) * rate[1],
                low=(1 + size[0]) * rate[0],
                propensity=e,
                high_size=1 + size[1],
                low_size=1 + size[0],
            )
        },
    )
