"""From estimates to what the checks of exposure read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from causal.diagnostics.exposure._made import Agreement, FirstStage, Part, Shift
from causal.estimation._estimates import Estimates
from causal.estimation.experiment.effects import without_error
from causal.estimation.exposure.late import Late, spread


def positions(found: Estimates, metrics: Sequence[str]) -> np.ndarray:
    """Where the effects on some metrics are, in the order of the estimates."""
    wanted = set(metrics)
    return np.array([i for i, each in enumerate(found.labels) if each.outcome in wanted], dtype=int)


def refused(found: Estimates, at: int) -> str:
    """Why an effect cannot be used, or nothing."""
    return found.refusal[at] or without_error(found, at)


def first_stages(
    found: Estimates, exposure: str, leading: Sequence[Late] = ()
) -> tuple[FirstStage, ...]:
    """How far each arm moves the exposure, then all of them together.

    Parameters
    ----------
    found
        Effects of every arm.
    exposure
        The metric that is the exposure.
    leading
        The worth of the leading outcome by arm, then by all; empty: outcomes are not looked at.
    """
    out = []
    error = found.std_errors
    for place, at in enumerate(positions(found, (exposure,)).tolist()):
        given = not found.refusal[at] and not spread(found, at) and found.values[at] != 0
        why = "" if given else refused(found, at)
        one = leading[place].worth if place < len(leading) else None
        out.append(
            FirstStage(
                arm=found.labels[at].contrast,
                effect=None if why else float(found.values[at]),
                error=None if why else float(error[at]),
                f=None
                if why
                else float("inf")
                if given
                else float((found.values[at] / error[at]) ** 2),
                bounded=None if one is None else one.kind in ("bounded", "empty"),
                why=why,
            )
        )
    if len(out) > 1 and len(leading) > len(out) and leading[-1].worth is not None:
        whole = leading[-1].worth
        out.append(
            FirstStage(
                arm="all together",
                effect=None,
                error=None,
                f=whole.first_stage,
                bounded=whole.kind in ("bounded", "empty"),
            )
        )
    return tuple(out)


def shifts(found: Estimates, metrics: Sequence[str]) -> tuple[Shift, ...]:
    """Effects of the arms on metrics, each with the p-value of it alone; those refused left out."""
    from scipy.stats import t as student

    error = found.std_errors
    return tuple(
        Shift(
            name=found.labels[at].outcome,
            arm=found.labels[at].contrast,
            effect=float(found.values[at]),
            error=float(error[at]),
            p=float(2 * student.sf(abs(found.values[at] / error[at]), found.df[at])),
        )
        for at in positions(found, metrics).tolist()
        if not refused(found, at)
    )


def parts(segments: Iterable[Estimates], *, minimum: int) -> tuple[Part, ...]:
    """The first stage by segment; segments that are too small to show are left out."""
    from scipy.stats import t as student

    out = []
    for found in segments:
        error = found.std_errors
        for at, label in enumerate(found.labels):
            units = found.sizes[at].units
            if found.refusal[at] or units < minimum:
                continue
            t = abs(found.values[at] / error[at])
            out.append(
                Part(
                    segment=str(label.segment),
                    value=str(label.segment_value),
                    arm=label.contrast,
                    effect=float(found.values[at]),
                    error=float(error[at]),
                    p=float(2 * student.sf(t, found.df[at])),
                    units=units,
                )
            )
    return tuple(out)


def agreements(lates: Sequence[Late]) -> tuple[Agreement, ...]:
    """Whether all arms agree, outcome by outcome."""
    return tuple(
        Agreement(
            outcome=each.outcome, p=each.worth.contradiction, empty=each.worth.kind == "empty"
        )
        for each in lates
        if len(each.arms) > 1 and each.worth is not None
    )
