"""Run by a Python that has causalml: the settings of LightGBM, then tables; prints errors as JSON.

It may import nothing of this project, which is not installed there.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

KINDS = ("S", "T", "X", "R", "DR")


def errors(frame: pd.DataFrame, makers: dict[str, Callable[[], Any]]) -> dict[str, float | None]:
    """Root-PEHE of every learner on one table; a learner that fails has none, and says why."""
    from causalml.inference import meta  # type: ignore[import-not-found]
    from sklearn.linear_model import LogisticRegression

    x = frame.filter(regex="^x").to_numpy(float)
    a, y, tau = frame["a"].to_numpy(), frame["y"].to_numpy(), frame["tau"].to_numpy()
    e = LogisticRegression(max_iter=2000).fit(x, a).predict_proba(x)[:, 1]
    found: dict[str, float | None] = {}
    for kind, make in makers.items():
        for short in KINDS:
            name = f"Base{short}Regressor"
            extra: dict[str, Any] = {"random_state": 1} if short == "R" else {}
            given: dict[str, Any] = {"p": e} if short in ("X", "R", "DR") else {}
            np.random.seed(1)  # noqa: NPY002
            try:
                model = getattr(meta, name)(learner=make(), **extra)
                guess = np.asarray(model.fit_predict(X=x, treatment=a, y=y, **given)).ravel()
                found[f"{name}, {kind}"] = float(np.sqrt(np.mean((guess - tau) ** 2)))
            except Exception as error:  # noqa: BLE001
                found[f"{name}, {kind}: {type(error).__name__}: {error}"] = None
    return found


def main() -> None:
    """Read the settings and the tables, and print."""
    from lightgbm import LGBMRegressor
    from sklearn.linear_model import LassoCV

    warnings.simplefilter("ignore")
    settings = json.loads(sys.argv[1])
    makers = {
        "LightGBM": lambda: LGBMRegressor(**settings),
        "Lasso": lambda: LassoCV(random_state=1),
    }
    out = [errors(pd.read_parquet(file), makers) for file in sys.argv[2:]]
    print(json.dumps({"version": version("causalml"), "root_pehe": out}))


if __name__ == "__main__":
    main()
