"""Our individual effects by a run's defaults: error, CPU time, and whether variation is claimed."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.heterogeneity.kept import Content
from benchmarks.heterogeneity.worlds import REPLICATIONS, acic, covariates, ihdp, wide
from causal.data.read import read_frame
from causal.design.identification import adjusted
from causal.design.request import request
from causal.design.study import Study
from causal.estimation._fit import Fit, fit_design
from causal.estimation.cate._problem import Problem
from causal.estimation.cate._problems import individual_effects
from causal.estimation.cate._stack import Learned
from causal.evaluation._heterogeneity import Held, held_of
from causal.evaluation.calibration import projection, slope, supported
from causal.evaluation.ranking import ranking
from causal.policy.who_gains import STRICT, believed

ROWS = 50_000
ALPHA = 0.05 / STRICT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Individual effects of a table; ``rows`` are the rows of it that have one.

    ``constant`` is the average effect, ``cpu_seconds`` hold the nuisances.
    """

    rows: np.ndarray
    problem: Problem
    learned: Learned
    held: Held
    constant: float
    cpu_seconds: float


def rmse(guess: np.ndarray, truth: np.ndarray) -> float:
    """Root mean squared error of individual effects (root-PEHE)."""
    return float(np.sqrt(np.mean((guess - truth) ** 2)))


def answer(frame: pd.DataFrame, cluster: tuple[str, ...] = ()) -> Answer:
    """Learn the individual effects of a table with columns id, a, y and covariates."""
    start = time.process_time()
    fit = fitted(frame, cluster)
    cate = individual_effects(fit)[0]
    seconds = time.process_time() - start
    held = held_of(cate, fit.setting.panel)
    if cate.problem is None or cate.learned is None or held is None:
        raise ValueError(f"No individual effects were learned: {cate.refusal}")
    return Answer(
        rows=cate.rows,
        problem=cate.problem,
        learned=cate.learned,
        held=held,
        constant=float(fit.whole.values[0]),
        cpu_seconds=round(seconds, 1),
    )


def fitted(frame: pd.DataFrame, cluster: tuple[str, ...] = ()) -> Fit:
    """Fit the adjusted design of a table."""
    given: Content = {
        "study": "bench",
        "data": {"source": "memory"},
        "unit": "id",
        "cluster": cluster,
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
        "confounders": covariates(frame),
    }
    study = Study(**given)
    panel = read_frame(frame, request(study))
    return fit_design(study, panel, adjusted.identify(study, panel), second_opinions=False)


def claim(given: Answer) -> Content:
    """Whether variation is claimed, and the p-values behind it."""
    calibrated = slope(given.held)
    order = ranking(given.held, shares=(0.2,), seed=1).autoc
    terms = given.problem.features.terms
    linear = projection(given.held, terms[:, supported(terms)])
    return {
        "found": believed(calibrated, order, ALPHA),
        "slope": calibrated.estimate,
        "slope_p": calibrated.p_value,
        "autoc": order.estimate,
        "autoc_p": order.p_value,
        "linear_p": None if linear is None else linear.p_value,
    }


def on_wide(shape: str) -> Content:
    """Error, time and claim on the wide world."""
    frame, tau = wide(ROWS, 1, shape=shape)
    found = answer(frame)
    return {
        "cpu_seconds": found.cpu_seconds,
        "root_pehe": rmse(found.learned.everywhere, tau[found.rows]),
        "root_pehe_out_of_fold": rmse(found.learned.effects, tau[found.rows]),
        "root_pehe_constant": rmse(np.full(tau.size, found.constant), tau),
        **claim(found),
    }


def on_acic(setting: int) -> Content:
    """Error, time and claim on ACIC 2016; in settings 2 and 3 the effect is one for all."""
    frame, tau = acic(setting)
    found = answer(frame)
    return {
        "cpu_seconds": found.cpu_seconds,
        "truth_varies": bool(tau.std() > 1e-9),
        "root_pehe": rmse(found.learned.everywhere, tau[found.rows]),
        **claim(found),
    }


def on_ihdp() -> Content:
    """Errors on every replication of IHDP."""
    return {"replications": [errors(*ihdp(number)) for number in REPLICATIONS]}


def errors(frame: pd.DataFrame, tau: np.ndarray) -> Content:
    """Errors on one table: the stack, each candidate of it, and one effect for all."""
    found = answer(frame)
    learned, truth = found.learned, tau[found.rows]
    return {
        "ours": rmse(learned.everywhere, truth),
        "ours_out_of_fold": rmse(learned.effects, truth),
        "constant": rmse(np.full(tau.size, found.constant), tau),
        "candidates": {
            name: rmse(learned.candidates[:, j], truth) for j, name in enumerate(learned.names)
        },
        "weights": dict(zip(learned.names, map(float, learned.weights), strict=True)),
        "cpu_seconds": found.cpu_seconds,
    }
