"""One effect from others, given what past experiments say of them: a weighted mixture of normals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray
from causal.estimation.experiment.past_effects import Draws, inverted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicted:
    """A mixture of normals, shape (m,) each."""

    means: FloatArray
    sds: FloatArray
    weight: FloatArray

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self.weight @ self.means)

    def below(self, value: float) -> float:
        """Chance to lie below a value."""
        from scipy.special import ndtr

        return float(self.weight @ ndtr((value - self.means) / self.sds))

    def interval(self, level: float) -> tuple[float, float]:
        """Its central part."""
        return self._quantile((1 - level) / 2), self._quantile((1 + level) / 2)

    def _quantile(self, share: float) -> float:
        from scipy.optimize import brentq

        reach = 12 * self.sds
        ends = float((self.means - reach).min()), float((self.means + reach).max())
        return float(
            brentq(lambda x: self.below(x) - share, *ends, xtol=1e-12 * (ends[1] - ends[0]))
        )


def true_effect(draws: Draws, short: FloatArray, error: FloatArray) -> Predicted:
    """The last metric's true effect, given measured effects on the others.

    Given S and mu it is normal around mu_Y + b (s - mu_S) with b = S_YS (S_SS + V)^-1: the noisier
    the new experiment, the nearer to the average of past ones (Tripuraneni and others 2023). The
    mixture over draws adds what is not known of S and mu.

    Parameters
    ----------
    short, error
        Measured effects on all metrics but the last, shape (q,), and their covariance, (q, q).
    """
    q = short.size
    nothing = np.zeros(q)
    return _given(draws, short, error, nothing, 0.0)


def measured_effect(draws: Draws, short: FloatArray, error: FloatArray) -> Predicted:
    """What would be measured of the last metric in the same experiment: with its own error.

    Parameters
    ----------
    error
        Covariance of the errors of all metrics, shape (q + 1, q + 1); noise that the last one
        shares with the others is part of what is expected.
    """
    q = short.size
    return _given(draws, short, error[:q, :q], error[q, :q], float(error[q, q]))


def weights(draws: Draws, error: FloatArray) -> FloatArray:
    """What an effect of one on each metric adds to the prediction, with errors of this covariance."""
    q = len(error)
    slopes = _slopes(draws, error, draws.covariance[q, :q])
    return np.asarray(slopes @ draws.weight)


def unlikely(draws: Draws, short: FloatArray, error: FloatArray) -> float:
    """Chance that another experiment like the past ones lies farther from their average."""
    from scipy.stats import chi2

    q = short.size
    total = draws.covariance[:q, :q] + draws.spread[:q, :q] + error[:, :, None]
    away = short[:, None] - draws.mean[:q]
    distance = (away * (inverted(total)[0] * away[None]).sum(axis=1)).sum(axis=0)
    return float(draws.weight @ chi2.sf(distance, q))


def _slopes(draws: Draws, error: FloatArray, along: FloatArray) -> FloatArray:
    """Shape (q, m)."""
    q = len(error)
    precision = inverted(draws.covariance[:q, :q] + error[:, :, None])[0]
    return np.asarray((precision * along[None]).sum(axis=1))


def _given(
    draws: Draws, short: FloatArray, error: FloatArray, common: FloatArray, own: float
) -> Predicted:
    q = short.size
    along = draws.covariance[q, :q] + common[:, None]
    slopes = _slopes(draws, error, along)
    mean = draws.mean[q] + (slopes * (short[:, None] - draws.mean[:q])).sum(axis=0)
    apart = np.vstack([-slopes, np.ones((1, slopes.shape[1]))])
    of_mean = (apart * (draws.spread * apart[None]).sum(axis=1)).sum(axis=0)
    left = draws.covariance[q, q] + own - (slopes * along).sum(axis=0)
    floor = 1e-12 * draws.covariance[q, q]
    return Predicted(
        means=mean, sds=np.sqrt(np.maximum(left, floor) + of_mean), weight=draws.weight
    )
