"""Effects in declared segments, and whether they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments, of_arms, strata
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation._inference import Wald, all_equal
from causal.estimation.experiment.effects import Asked, effects, without_error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interaction:
    """How the effects of k segments differ from their average, each (k,), and the joint test.

    ``reason`` says why there is no test; empty when there is one.
    """

    difference: FloatArray
    std_error: FloatArray
    p_value: FloatArray
    test: Wald
    reason: str = ""


def segment_effects(
    by_level: Moments, reading: Reading, asked: Asked, *, segment: str, arm: int
) -> Estimates:
    """The effect of one arm in every level of a segment.

    Parameters
    ----------
    by_level
        Moments whose strata are the levels.
    reading
        One metric.
    asked
        Names, and how to adjust; coefficients are each level's own.
    segment
        Its name.
    arm
        Position of the treatment among ``by_level.arms``; the control is 0.

    Returns
    -------
    Estimates
        Shape (levels,); levels are independent, unless clusters lie in several
        (:func:`interaction`).
    """
    parts = [
        effects(of_arms(strata(by_level, [at]), [0, arm]), [reading], asked)
        for at in range(len(by_level.strata))
    ]
    labels = tuple(
        replace(part.labels[0], segment=segment, segment_value=level[0])
        for part, level in zip(parts, by_level.strata, strict=True)
    )
    return Estimates(
        labels=labels,
        sizes=tuple(part.sizes[0] for part in parts),
        values=np.array([part.values[0] for part in parts]),
        influence=np.diag([part.std_errors[0] for part in parts]),
        ways=(),
        df=np.array([part.df[0] for part in parts]),
        baseline=np.array([part.baseline[0] for part in parts]),
        baseline_variance=np.stack([part.baseline_variance[0] for part in parts]),
        refusal=tuple(part.refusal[0] or without_error(part, 0) for part in parts),
    )


def interaction(segments: Estimates, by_level: Moments, *, clusters: int | None) -> Interaction:
    """Test whether segments have one effect; segments refused are left out.

    Parameters
    ----------
    segments
        From :func:`segment_effects`.
    by_level
        The moments they were made of.
    clusters
        How many there are over all levels; None where units were assigned one by one. Clusters in
        several levels make these dependent, by how much the moments do not say.
    """
    k = len(segments)
    unknown = np.full(k, np.nan)
    nothing = Interaction(
        difference=unknown,
        std_error=unknown,
        p_value=unknown,
        test=Wald(statistic=float("nan"), df=0, p_value=float("nan")),
    )
    if clusters is not None and int(by_level.n.sum()) > clusters:
        return replace(nothing, reason="clusters lie in several segments, so these are not apart")
    kept = np.flatnonzero([not text for text in segments.refusal])
    if kept.size < 2:
        return replace(nothing, reason="fewer than two segments can be estimated")
    from scipy.stats import t as student

    own = segments.select(kept)
    share = by_level.n.sum(axis=0)[kept] / by_level.n.sum(axis=0)[kept].sum()
    contrast = np.eye(kept.size) - share[None, :]
    difference = contrast @ own.values
    error = np.sqrt(np.sum((own.influence @ contrast.T) ** 2, axis=0))
    p = 2 * student.sf(np.abs(difference / error), own.df)
    return Interaction(
        difference=_spread(difference, kept, k),
        std_error=_spread(error, kept, k),
        p_value=_spread(p, kept, k),
        test=all_equal(own),
    )


def _spread(values: FloatArray, at: np.ndarray, k: int) -> FloatArray:
    out = np.full(k, np.nan)
    out[at] = values
    return out
