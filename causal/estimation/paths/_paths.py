"""Every path of every attribute that the rows allow to tell."""

from __future__ import annotations

from causal.data.panel import Panel
from causal.design.study import Study
from causal.estimation.paths._found import Paths
from causal.estimation.paths.separable import separable


def find_paths(study: Study, panel: Panel) -> Paths:
    """Find the parts of each attribute's effect: what users see, what the ranker makes of it.

    Parameters
    ----------
    study
        With the part ``exposure``.
    panel
        Impressions, or items of randomised cells.
    """
    if panel.paths is None:
        raise ValueError("The study does not say how exposure came about.")
    if panel.paths.ranked is not None:
        return Paths(estimates=separable(study, panel))
    return Paths(estimates=None)
