"""The settings of LightGBM inside every peer."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
    "n_estimators": 100, "num_leaves": 31, "learning_rate": 0.05, "min_child_samples": 20,
    "n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
FEW_ROWS: dict[str, Any] = SETTINGS | {"num_leaves": 15}
