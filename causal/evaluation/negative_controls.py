"""Negative controls: outcomes the attribute cannot have moved must show no effect of it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.attribute import Kind
from causal.content.outcome import Outcome
from causal.data.panel import Column, FloatArray, Measured, Panel
from causal.design.study import Study
from causal.estimation._estimates import Estimates
from causal.estimation._fit import fit_design
from causal.estimation._inference import infer
from causal.evaluation._evaluated import Evaluated

LEVEL = 0.95
FAIL_P = 0.001


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """Estimate every attribute's effect on every negative control, in the headline design.

    An effect that is really there means that what moved the control (a confounder, selection) is
    still in the comparison (Lipsitch, Tchetgen Tchetgen, Cohen 2010). WARN when the smallest
    p-value, adjusted over all attributes and controls together, is under .05; FAIL under .001.
    """
    names = _numeric(evaluated.panel, evaluated.study.negative_controls)
    if not names:
        return ()
    study = _study(evaluated.study, names)
    panel = _panel(evaluated.panel, names)
    fit = fit_design(study, panel, evaluated.leading.design, second_opinions=False)
    usable = np.array([i for i, why in enumerate(fit.whole.refusal) if not why], dtype=np.int64)
    if not usable.size:
        return ()
    estimates = fit.whole.select(usable)
    p = infer(
        estimates,
        level=LEVEL,
        multiplicity="simultaneous",
        seed=study.settings.seed,
        family="negative controls",
    ).p_adjusted
    return (_finding(estimates, p, evaluated.headline),) if np.any(~np.isnan(p)) else ()


def _finding(estimates: Estimates, p: FloatArray, design: str) -> Finding:
    worst = int(np.nanargmin(p))
    label, least = estimates.labels[worst], float(p[worst])
    status = Status.FAIL if least < FAIL_P else Status.WARN if least < 1 - LEVEL else Status.PASS
    apart = [j for j in range(len(estimates)) if p[j] < 1 - LEVEL]
    meaning = (
        f"In the {design} design no attribute shows an effect on an outcome it cannot have moved "
        f"({len(estimates)} comparisons)."
        if status is Status.PASS
        else f"'{label.attribute}' shows an effect on '{label.outcome}', which it cannot have "
        f"moved (adjusted p = {least:.2g}): something else is still in the comparison."
    )
    return Finding(
        name="negative controls",
        status=status,
        statistic=least,
        threshold=FAIL_P,
        meaning=meaning,
        remedy=""
        if status is Status.PASS
        else "Find what differs between rows with and without the attribute before it was chosen, "
        "and name it as a confounder; until then read its effects as too large by about as much.",
        columns=tuple(dict.fromkeys(estimates.labels[j].attribute for j in apart)),
        detail=tuple(_row(estimates, p, j) for j in range(len(estimates))),
    )


def _row(estimates: Estimates, p: FloatArray, j: int) -> dict[str, Cell]:
    label = estimates.labels[j]
    return {
        "attribute": label.attribute,
        "contrast": label.contrast,
        "control": label.outcome,
        "estimate": float(estimates.values[j]),
        "std_error": float(estimates.std_errors[j]),
        "p_adjusted": float(p[j]),
    }


def _numeric(panel: Panel, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if panel.columns[name].kind is not Kind.CATEGORICAL)


def _study(study: Study, names: tuple[str, ...]) -> Study:
    """The same question about the negative controls."""
    outcomes = tuple(Outcome(name=name, column=name) for name in names)
    return study.model_copy(update={"outcomes": outcomes})


def _panel(panel: Panel, names: tuple[str, ...]) -> Panel:
    measured = {name: _measured(panel.columns[name], panel.weight) for name in names}
    return replace(panel, outcomes=MappingProxyType(measured))


def _measured(column: Column, weight: FloatArray) -> Measured:
    value = np.where(column.missing, np.nan, column.values)
    return Measured(
        name=column.name,
        value=value,
        weight=np.where(column.missing, 0.0, weight),
        binary=column.kind is Kind.BINARY,
    )
