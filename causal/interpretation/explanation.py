"""An explanation: what a success model predicts and uses, and whether that is an effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from causal.interpretation.boosting import Objective
from causal.interpretation.importance import Importance


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What one outcome's success model predicts and uses.

    ``kind`` is printed beside every number. ``metric`` is AUC (over clicks and non-clicks for a
    ratio) or R2, out of fold, with a clustered interval. SHAP values, and all that is made of them,
    are in ``units_of_shap``. With ``reason`` there is no model, and it says why.
    """

    outcome: str
    objective: Objective
    rows: int
    clusters: int
    features: int
    kind: Literal["association", "effect"] = "association"
    reason: str | None = None
    metric: str | None = None
    value: float | None = None
    value_low: float | None = None
    value_high: float | None = None
    log_loss: float | None = None
    log_loss_constant: float | None = None
    r2: float | None = None
    explained_rows: int = 0
    refits: int = 0
    units_of_shap: str = "log-odds"
    calibration: tuple[Mapping[str, float], ...] = ()
    importance: tuple[Importance, ...] = ()
    swarm: tuple[Mapping[str, Any], ...] = ()
    dependence: tuple[Mapping[str, Any], ...] = ()
    correlated: tuple[tuple[str, ...], ...] = ()
    interactions: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the entry of ``success_models`` in result.json, as plain lists and dicts."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each_value) for name, each_value in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value
