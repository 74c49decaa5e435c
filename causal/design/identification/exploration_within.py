"""Exploration x within: rows whose exposure was randomised, compared within block."""

from __future__ import annotations

from dataclasses import replace

from causal.data.panel import Panel
from causal.design.design import Design
from causal.design.identification import exploration, within
from causal.design.study import Study


def identify(study: Study, panel: Panel) -> Design | None:
    """Compare within block on the exploration slice; None unless both are there."""
    inside = within.identify(study, panel)
    slice_ = exploration.identify(study, panel)
    if inside is None or slice_ is None:
        return None
    return replace(
        inside,
        name="exploration x within",
        population=f"{slice_.population} and {inside.population.removeprefix('rows ')}",
        assumptions=(slice_.assumptions[0], *inside.assumptions),
        rows=slice_.rows,
    )
