"""Problems with known individual effects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causal.estimation._boosting import Boosting
from causal.estimation._fit import fit_design
from causal.estimation.cate._problems import individual_effects
from causal.workflow import identify
from tests.estimation.conftest import panel_of, study_of

NAMES = [f"x{j}" for j in range(4)]


def frame(rows, seed=0, *, varies=1.0, clusters=None):
    """Confounded by x0; the effect is 1 + varies (x0 / 2 + max(x1, 0))."""
    rng = np.random.default_rng([11, seed])
    x = rng.normal(size=(rows, 4))
    e = 1 / (1 + np.exp(-0.6 * x[:, 0]))
    a = (rng.random(rows) < e).astype(int)
    tau = 1 + varies * (x[:, 0] / 2 + np.maximum(x[:, 1], 0))
    g = np.arange(rows) if clusters is None else rng.integers(clusters, size=rows)
    noise = 0.0 if clusters is None else rng.normal(scale=0.5, size=clusters)[g]
    y = tau * a + x[:, 0] + np.sin(x[:, 2]) + noise + rng.normal(size=rows)
    table = pd.DataFrame(x, columns=NAMES)
    return table.assign(id=np.arange(rows), g=g, a=a, y=y, tau=tau)


def fitted(table, *, design="adjusted", boosting=None, **changes):
    """The fit of one design."""
    given = {"unit": "id", "confounders": NAMES, "cluster": "g"} | changes
    study = study_of(**given)
    panel = panel_of(table, study)
    chosen = next(d for d in identify(study, panel) if d.name == design)
    return fit_design(study, panel, chosen, boosting=boosting or Boosting(rounds=40))


def learned(table, *, learners=None, workers=1, **changes):
    """Individual effects of the one pair, and the fit."""
    fit = fitted(table, **changes)
    return individual_effects(fit, learners=learners, workers=workers)[0], fit
