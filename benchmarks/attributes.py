"""CPU time of K x M effects by shared nuisances against a loop of econml LinearDRLearner.

Both run in one process, one after the other, with the same folds, the same LightGBM settings and
one thread, on a world without product confounding. Run it with ``make bench``; the figures go to
``benchmarks/attributes.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from causal.data.panel import Panel
from causal.data.read import read_frame
from causal.design.identification import adjusted
from causal.design.request import request
from causal.design.study import Study
from causal.estimation._boosting import Boosting
from causal.estimation._fit import fit_design

CONFOUNDERS = 8
BOOSTING = Boosting(rounds=100, leaves=31, rate=0.05, min_leaf=50, linear_start=False)


def world(rows: int, attributes: int, outcomes: int, seed: int = 1) -> pd.DataFrame:
    """Binary attributes and outcomes that share smooth additive confounding."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, CONFOUNDERS))
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(CONFOUNDERS)])
    lean = rng.normal(scale=0.25, size=(CONFOUNDERS, attributes))
    a = (rng.random((rows, attributes)) < 1 / (1 + np.exp(-(x @ lean)))).astype(int)
    for k in range(attributes):
        frame[f"a{k}"] = a[:, k]
    push = rng.normal(scale=0.4, size=(CONFOUNDERS, outcomes))
    effect = rng.normal(scale=0.2, size=(attributes, outcomes))
    y = x @ push + np.tanh(x) @ push + a @ effect + rng.normal(size=(rows, outcomes))
    for m in range(outcomes):
        frame[f"y{m}"] = y[:, m]
    return frame


def study_of(attributes: int, outcomes: int, folds: int) -> Study:
    """The study of that world."""
    return Study(
        study="bench",
        data={"source": "memory"},
        attributes=[f"a{k}" for k in range(attributes)],
        outcomes=[{"name": f"y{m}", "column": f"y{m}"} for m in range(outcomes)],
        confounders=[f"x{j}" for j in range(CONFOUNDERS)],
        settings={"folds": folds},
    )


def ours(study: Study, panel: Panel) -> tuple[np.ndarray, np.ndarray, float]:
    """Estimates, errors and CPU seconds of the shared fit."""
    design = adjusted.identify(study, panel)
    start = time.process_time()
    fit = fit_design(study, panel, design, boosting=BOOSTING, workers=1, second_opinions=False)
    return fit.whole.values, fit.whole.std_errors, time.process_time() - start


def econml_loop(study: Study, panel: Panel) -> tuple[np.ndarray, np.ndarray, float]:
    """The same effects one at a time by econml's LinearDRLearner."""
    import lightgbm
    from econml.dr import LinearDRLearner

    settings: dict[str, Any] = {
        "n_estimators": BOOSTING.rounds,
        "num_leaves": BOOSTING.leaves,
        "learning_rate": BOOSTING.rate,
        "min_child_samples": BOOSTING.min_leaf,
        "n_jobs": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    numbers = np.unique(panel.folds)
    cv = [
        (np.flatnonzero(panel.folds != fold), np.flatnonzero(panel.folds == fold))
        for fold in numbers
    ]
    values, errors = [], []
    start = time.process_time()
    for attribute in study.attributes:
        held = [name for name in panel.columns if name != attribute.name]
        w = np.column_stack([panel.columns[name].values for name in held])
        a = panel.columns[attribute.name].values.astype(int)
        for outcome in study.outcomes:
            learner = LinearDRLearner(
                model_propensity=lightgbm.LGBMClassifier(**settings),
                model_regression=lightgbm.LGBMRegressor(**settings),
                cv=cv,
                random_state=1,
            )
            learner.fit(panel.outcomes[outcome.name].value, a, W=w)
            inference = learner.intercept__inference(T=1)
            values.append(float(inference.point_estimate))
            errors.append(float(inference.stderr))
        print(f"econml: {attribute.name} {time.process_time() - start:.0f} CPU s", file=sys.stderr)
    return np.array(values), np.array(errors), time.process_time() - start


def measure(rows: int, attributes: int, outcomes: int, folds: int) -> dict[str, float]:
    """Run both and compare."""
    study = study_of(attributes, outcomes, folds)
    panel = read_frame(world(rows, attributes, outcomes), request(study))
    with threadpool_limits(limits=1):
        value, error, cpu = ours(study, panel)
        other, _, other_cpu = econml_loop(study, panel)
    apart = np.abs(value - other) / error
    return {
        "rows": rows,
        "attributes": attributes,
        "outcomes": outcomes,
        "folds": folds,
        "ours_cpu_seconds": round(cpu, 1),
        "econml_cpu_seconds": round(other_cpu, 1),
        "ratio": round(cpu / other_cpu, 4),
        "median_difference_in_errors": round(float(np.median(apart)), 4),
        "largest_difference_in_errors": round(float(apart.max()), 4),
    }


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--attributes", type=int, default=12)
    parser.add_argument("--outcomes", type=int, default=4)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    figures = measure(given.rows, given.attributes, given.outcomes, given.folds)
    text = json.dumps(figures, indent=1, sort_keys=True)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
