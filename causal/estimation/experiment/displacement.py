"""What a test on a shared pool hides: what the control lost of what the treated gained.

Creators, items and advertisers of both arms compete for one pool of exposure. A treated creator's
gain is then partly, or wholly, a control creator's loss, and their difference counts it twice.
Each arm is compared with what it would have had without the test: what it had before, times the
growth of the demand measured outside the outcome. The growth of the outcome's own total would make
gain and loss equal by construction, whatever happened.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DesignError
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray
from causal.estimation.experiment._functionals import (
    Functionals,
    covariance,
    degrees_of_freedom,
)
from causal.estimation.experiment.fieller import Relative, relative


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """Shares, each with the set of values consistent with the data.

    Attributes
    ----------
    ratio
        What the control lost over what the treated gained: 1 is a shift without any gain.
    total
        Effect on the total of both arms, over what was expected.
    naive
        The treated over the control, which is not an effect on the platform.
    control, treated
        Each arm's change against what was expected of it.
    """

    ratio: Relative
    total: Relative
    naive: Relative
    control: Relative
    treated: Relative


def displacement(
    moments: Moments, *, outcome: str, before: str, growth: float, level: float
) -> Displacement:
    """Compare both arms with what they had before, grown as demand has.

    Parameters
    ----------
    moments
        Two arms, control first, without strata.
    outcome, before
        Columns: the outcome, and the same before the experiment over as many days.
    growth
        Demand during over demand before, taken as known: it has to come from outside the outcome.
    level
        Of the sets.

    Raises
    ------
    DesignError
        When ``growth`` is not above zero.
    """
    from scipy.stats import t as student

    if not growth > 0:
        raise DesignError(
            f"Demand grew by a factor of {growth}. Give demand before and during the experiment, "
            "both above zero, in the same units (requests or visits)."
        )
    at, past = moments.position(outcome), moments.position(before)
    n = moments.n[:, 0].astype(float)
    gradient = np.zeros((6, 2, 1, len(moments.columns)))
    expected_c, expected_t, loss, gain, difference, control = np.eye(6)
    gradient[0, 0, 0, past] = growth * n[0]
    gradient[1, 1, 0, past] = growth * n[1]
    gradient[2, 0, 0, [past, at]] = (growth * n[0], -n[0])
    gradient[3, 1, 0, [past, at]] = (-growth * n[1], n[1])
    gradient[4, :, 0, at] = (-1.0, 1.0)
    gradient[5, 0, 0, at] = 1.0
    sums = Functionals(
        values=np.einsum("pask,ask->p", gradient, moments.mean),
        gradient=gradient,
        shares=np.zeros((6, 1)),
        spent=np.zeros((6, 2)),
    )

    def share(top: FloatArray, below: FloatArray) -> Relative:
        both = sums.combined(np.stack([top, below]))
        v = covariance(both, moments)
        df = float(degrees_of_freedom(both, moments).min())
        return relative(
            float(both.values[0]),
            float(both.values[1]),
            variance=float(v[0, 0]),
            baseline_variance=float(v[1, 1]),
            covariance=float(v[0, 1]),
            critical=float(student.isf((1 - level) / 2, df)),
        )

    return Displacement(
        ratio=share(loss, gain),
        total=share(gain - loss, expected_c + expected_t),
        naive=share(difference, control),
        control=share(-loss, expected_c),
        treated=share(gain, expected_t),
    )
