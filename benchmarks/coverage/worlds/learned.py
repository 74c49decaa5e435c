"""The whole estimator: nuisances learned in every run."""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.measures import Draw, Random, World, holds
from benchmarks.coverage.panels import column, logistic, panel, study
from causal.design.design import Design
from causal.estimation._boosting import Boosting
from causal.estimation._fit import fit_design


def learned(shape: str, rows: int, boosting: Boosting) -> Draw:
    """AIPW or partially linear with LightGBM nuisances, confounding of this shape."""

    def draw(rng: Random) -> bool | None:
        g = np.repeat(np.arange(rows // 10), 10)
        x, z = rng.normal(size=(2, rows))
        extra = x * z if shape == "product" else 0.0
        lean = 0.7 * x + 0.5 * extra
        a = (rng.random(rows) < logistic(lean)).astype(float)
        if shape == "continuous":
            a = lean + rng.normal(size=rows)
        y = (
            a
            + x
            + 0.5 * z
            + 0.8 * extra
            + 0.5 * rng.normal(size=rows // 10)[g]
            + rng.normal(size=rows)
        )
        name = "dose" if shape == "continuous" else "a"
        made = panel(
            [column(name, a, 0 if name == "dose" else 2), column("x", x), column("z", z)], y, (g,)
        )
        asked = study((name,)).model_copy(update={"confounders": ("x", "z")})
        design = Design(
            name="adjusted", identification="adjusted", population="all rows", assumptions=(),
            adjustment={name: ("x", "z")}, claims=True,
        )  # fmt: skip
        fit = fit_design(asked, made, design, boosting=boosting, second_opinions=False)
        return holds(fit.whole, 1.0)

    return draw


def among_many(shape: str, rows: int, columns: int = 20) -> Draw:
    """AIPW with the default models, a product or its sign confounding among many columns."""
    names = tuple(f"x{j}" for j in range(columns))
    asked = study().model_copy(update={"confounders": names})
    design = Design(
        name="adjusted", identification="adjusted", population="all rows", assumptions=(),
        adjustment={"a": names}, claims=True,
    )  # fmt: skip

    def draw(rng: Random) -> bool | None:
        x = rng.normal(size=(rows, columns))
        product = x[:, 1] * x[:, 2]
        shared = np.sign(product) if shape == "sign" else product
        a = (rng.random(rows) < logistic(0.5 * x[:, 0] + 0.7 * shared)).astype(float)
        y = a + x[:, 0] + shared + 0.5 * x[:, 3] + rng.normal(size=rows)
        held = [column(name, x[:, j]) for j, name in enumerate(names)]
        fit = fit_design(asked, panel([column("a", a, 2), *held], y), design)
        return holds(fit.whole, 1.0)

    return draw


SMALL = Boosting(rounds=20, leaves=8)
WORLDS = (
    World(
        name="learned AIPW, linear confounding",
        draw=learned("linear", 2_000, SMALL),
        learned=True,
    ),
    World(
        name="learned AIPW, product confounding",
        draw=learned("product", 5_000, Boosting()),
        learned=True,
    ),
    World(
        name="learned AIPW, product confounding among 20 columns",
        draw=among_many("product", 5_000),
        learned=True,
    ),
    World(
        name="learned AIPW, confounding by the sign of a product among 20 columns",
        draw=among_many("sign", 5_000),
        learned=True,
    ),
    World(
        name="learned partially linear",
        draw=learned("continuous", 2_000, SMALL),
        learned=True,
    ),
)
