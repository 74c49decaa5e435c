"""Tables with known individual effects: three simulated, and IHDP and ACIC 2016 as published.

Every table has columns id, a and y, for some a cluster g, and its covariates.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CAUSAL_TEST_DATA", HERE.parents[2] / "shared" / "data"))
COLUMNS = 20
REPLICATIONS = range(1, 11)
NOT_COVARIATES = ("id", "a", "y", "g")


def covariates(frame: pd.DataFrame) -> list[str]:
    """Names of the covariates of a table."""
    return [name for name in frame.columns if name not in NOT_COVARIATES]


def wide(rows: int, seed: int, *, shape: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Twenty covariates, smooth confounding, and effects of one of three shapes."""
    rng = np.random.default_rng([31, seed])
    x = rng.normal(size=(rows, COLUMNS))
    e = 1 / (1 + np.exp(-(0.5 * x[:, 0] - 0.5 * x[:, 1] + 0.25 * x[:, 2])))
    tau = {
        "smooth": 1 + 0.5 * x[:, 0] + np.maximum(x[:, 3], 0),
        "steps": 0.5 + (x[:, 0] > 0) + (x[:, 4] > 0.5) * (x[:, 5] > 0),
        "flat": np.ones(rows),
    }[shape]
    a = (rng.random(rows) < e).astype(int)
    base = x[:, 0] + x[:, 1] + np.sin(2 * x[:, 2]) + np.maximum(x[:, 6], 0)
    y = base + tau * a + rng.normal(size=rows)
    frame = pd.DataFrame(x, columns=[f"x{j:02d}" for j in range(COLUMNS)])
    return frame.assign(id=np.arange(rows), a=a, y=y), tau


def confounded(seed: int, *, rows: int, clusters: int | None, varies: float) -> pd.DataFrame:
    """Confounded rows, effect 1 + ``varies`` x1; with clusters, noise and a column of their own."""
    rng = np.random.default_rng([41, seed])
    g = np.arange(rows) if clusters is None else rng.integers(clusters, size=rows)
    x = rng.normal(size=(rows, 5))
    x[:, 4] = rng.normal(size=int(g.max()) + 1)[g]
    noise = rng.normal(size=int(g.max()) + 1)[g] * (clusters is not None)
    e = 1 / (1 + np.exp(-(0.6 * x[:, 0] + 0.4 * x[:, 4])))
    a = (rng.random(rows) < e).astype(int)
    y = (1 + varies * x[:, 1]) * a + x[:, 0] + np.sin(2 * x[:, 1]) + noise + rng.normal(size=rows)
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(5)])
    return frame.assign(id=np.arange(rows), g=g, a=a, y=y)


def small_world(number: int) -> tuple[pd.DataFrame, np.ndarray]:
    """747 rows, 25 columns, a fifth treated: to choose settings on, never IHDP itself."""
    rng = np.random.default_rng([51, number])
    x = rng.normal(size=(747, 25))
    x[:, 6:] = x[:, 6:] > rng.normal(scale=0.7, size=19)
    e = 1 / (1 + np.exp(-(0.5 * x[:, 0] - 0.4 * x[:, 7] + 0.3 * x[:, 1] - 1.6)))
    a = (rng.random(747) < e).astype(int)
    beta = rng.choice([0, 0.5, 1.0], size=25, p=[0.5, 0.3, 0.2])
    line = x @ beta / 2
    base, tau = {
        0: (line, 2 + x[:, 0] + x[:, 7]),
        1: (3 * np.tanh(line), 2 - 2 * np.tanh(line)),
        2: (np.abs(line) + x[:, 1], 1 + 0.5 * x[:, 1] ** 2),
        3: (line + x[:, 0] * x[:, 1], np.full(747, 3.0)),
    }[number % 4]
    y = base + a * tau + rng.normal(size=747)
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(1, 26)])
    return frame.assign(id=np.arange(747), a=a, y=y), tau


def ihdp(number: int) -> tuple[pd.DataFrame, np.ndarray]:
    """One replication of IHDP, and its true individual effects."""
    whole = pd.read_parquet(DATA / "ihdp" / "replications_1_10.parquet")
    part = whole[whole["replication"] == number].reset_index(drop=True)
    tau = (part["mu1"] - part["mu0"]).to_numpy()
    x = part[[f"x{j}" for j in range(1, 26)]]
    return x.assign(id=np.arange(len(x)), a=part["treatment"], y=part["y_factual"]), tau


def acic(setting: int) -> tuple[pd.DataFrame, np.ndarray]:
    """One setting of ACIC 2016, and its true individual effects."""
    x = pd.read_parquet(DATA / "acic2016" / "x.parquet")
    z = pd.read_parquet(DATA / "acic2016" / f"zymu_{setting}.parquet")
    y = np.where(z["z"] == 1, z["y1"], z["y0"])
    frame = x.assign(id=np.arange(len(x)), a=z["z"].to_numpy(), y=y)
    return frame, (z["mu1"] - z["mu0"]).to_numpy()
