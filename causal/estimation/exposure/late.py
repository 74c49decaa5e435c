"""What exposure is worth from an experiment that moved it: effects on the outcome over effects on it.

The arms are instruments: they act on the outcome through the exposure alone. Where nobody's exposure
falls when it is meant to rise, the ratio is the mean effect among compliers, whose exposure the arm
moved (Imbens, Angrist 1994); of an exposure in amounts, the mean effect of a unit, weighted to those
whose amount was moved (Angrist, Imbens 1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError, DesignError, listing, nearest
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import Estimates, Size
from causal.estimation.experiment.effects import ROUNDING, without_error
from causal.estimation.experiment.fieller import Relative, relative
from causal.estimation.exposure.anderson_rubin import STRONG, Effects, Worth, worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What a unit of exposure is worth in one outcome.

    Attributes
    ----------
    outcome, arms
        Contrasts used as instruments: one, or all of them together.
    estimand
        ``LATE`` of an exposure that is had or not, ``average causal response`` of an amount.
    worth
        The set and, where it may be printed, the point; None where it is refused.
    refusal
        Why there is no set; empty when there is one.
    at_once
        The set that holds together with all others of its family: ``worth`` itself where it is alone.
    family
        How many sets hold together: those of all outcomes by all arms together, and apart from them
        those of all outcomes by each arm.
    """

    outcome: str
    arms: tuple[str, ...]
    estimand: str
    worth: Worth | None
    refusal: str
    at_once: Worth | None = None
    family: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliers:
    """Who they are whose exposure an arm moved; for an exposure that is had or not.

    Attributes
    ----------
    share, share_error
        Their share of all units and its standard error.
    always, never
        Shares of those exposed in either arm, and in none.
    means
        Of each described column: the mean among compliers with its interval, ``Relative.value``.
    everyone
        The same columns' means in the control arm, which are those of all units but for chance.
    """

    arm: str
    share: float
    share_error: float
    always: float
    never: float
    means: Mapping[str, Relative]
    everyone: Mapping[str, float]


def late(
    found: Estimates, exposure: str, *, level: float, binary: bool = False
) -> tuple[Late, ...]:
    """The worth of exposure in every other outcome: by each arm, then by all arms together.

    Parameters
    ----------
    found
        Effects of every arm on the exposure and on outcomes, with their joint covariance, as
        :func:`causal.estimation.experiment.effects.effects` gives them.
    exposure
        Name of the metric that is the exposure.
    level
        Of the sets.
    binary
        Whether the exposure is had or not.

    Raises
    ------
    DesignError
        When no effect is one on the exposure, or it is the only metric.
    """
    dose = _rows(found, exposure)
    outcomes = list(
        dict.fromkeys(each.outcome for each in found.labels if each.outcome != exposure)
    )
    if not outcomes:
        raise DesignError(f"'{exposure}' is the only metric; name an outcome that it is worth.")
    joint = found.covariance()
    out = []
    for outcome in outcomes:
        rows = _rows(found, outcome)
        which = [np.array([at]) for at in range(dose.size)]
        which += [np.arange(dose.size)] if dose.size > 1 else []
        for at in which:
            y, d = rows[at], dose[at]
            refusal = next(filter(None, (_refusal(found, each, d) for each in [*y, *d])), "")
            out.append(
                read(
                    effects_of(found, joint, y, d),
                    outcome,
                    tuple(found.labels[each].contrast for each in y.tolist()),
                    "LATE" if binary else "average causal response",
                    level=level,
                    family=len(outcomes) * (dose.size if at.size < dose.size else 1),
                    refusal=refusal,
                )
            )
    return tuple(out)


def read(
    moved: Effects,
    outcome: str,
    arms: tuple[str, ...],
    estimand: str,
    *,
    level: float,
    family: int,
    refusal: str = "",
) -> Late:
    """The set of one outcome, alone and at once with its family (Bonferroni).

    Parameters
    ----------
    moved
        Effects of the instruments on the outcome and the exposure.
    outcome, arms, estimand
        What they are called.
    level
        Of a set alone, and of all sets of the family together.
    family
        How many sets hold together: each is made at 1 - (1 - level) / family.
    refusal
        Why there is no set; empty: made out here.
    """
    alone = at_once = None
    if not refusal:
        try:
            alone = worth(moved, level=level)
            at_once = alone if family == 1 else worth(moved, level=1 - (1 - level) / family)
        except (DataError, DesignError) as error:
            refusal = str(error).rstrip(".")
    return Late(
        outcome=outcome,
        arms=arms,
        estimand=estimand,
        worth=alone,
        refusal=refusal,
        at_once=at_once,
        family=family,
    )


def compliers(
    found: Estimates, exposure: str, products: Mapping[str, str], *, level: float
) -> tuple[Compliers, ...]:
    """Describe the compliers of each arm (Abadie 2003: E[x D] differs between arms by them alone).

    Parameters
    ----------
    found
        Effects on the exposure (0 or 1), on described columns x, and on their products x times the
        exposure.
    exposure
        Name of the metric that is the exposure.
    products
        For each column to describe the metric that is it times the exposure.
    level
        Of the intervals.

    Returns
    -------
    tuple of Compliers
        Of the arms whose first-stage F is at least 10; others move too few to describe them.

    Raises
    ------
    DesignError
        When a metric is not among the effects, or the exposure is not a share.
    """
    from scipy.stats import t as student

    dose = _rows(found, exposure)
    control, error = found.baseline[dose], found.std_errors[dose]
    treated = control + found.values[dose]
    if (np.minimum(control, treated) < 0).any() or (np.maximum(control, treated) > 1).any():
        raise DesignError(
            f"'{exposure}' is not had or not, but an amount; there are compliers only of an "
            "exposure of 0 or 1. Cut it at a threshold to describe them."
        )
    rows = {name: (_rows(found, name), _rows(found, both)) for name, both in products.items()}
    joint = found.covariance()
    out = []
    for at in np.flatnonzero(np.square(found.values[dose]) >= STRONG * np.square(error)).tolist():
        d = int(dose[at])
        critical = float(student.ppf((1 + level) / 2, found.df[d]))
        share = float(found.values[d])
        sign = -1.0 if share < 0 else 1.0
        out.append(
            Compliers(
                arm=found.labels[d].contrast,
                share=abs(share),
                share_error=float(error[at]),
                always=float(min(control[at], treated[at])),
                never=float(1 - max(control[at], treated[at])),
                means={
                    name: relative(
                        sign * float(found.values[both[at]]), abs(share),
                        variance=float(joint[both[at], both[at]]),
                        baseline_variance=float(joint[d, d]),
                        covariance=float(joint[both[at], d]),
                        critical=critical,
                    )
                    for name, (_, both) in rows.items()
                },
                everyone={name: float(found.baseline[own[at]]) for name, (own, _) in rows.items()},
            )
        )  # fmt: skip
    return tuple(out)


def effects_of(found: Estimates, joint: FloatArray, y: IntArray, d: IntArray) -> Effects:
    """Effects of arms on an outcome and on the exposure, as instruments.

    Parameters
    ----------
    found
        Effects of every arm.
    joint
        Their covariance, shape (p, p).
    y, d
        Where those on the outcome and on the exposure are, one an arm; shape (k,).
    """
    return Effects(
        y=found.values[y],
        d=found.values[d],
        yy=joint[np.ix_(y, y)],
        yd=joint[np.ix_(y, d)],
        dd=joint[np.ix_(d, d)],
        clusters=_free(found, joint, y, d) + 1,
        cross=_cross([found.sizes[at] for at in d.tolist()]),
    )


def _free(found: Estimates, joint: FloatArray, y: IntArray, d: IntArray) -> float:
    """Degrees of freedom of the joint test: of one arm its own, of several those of all arms.

    Each arm's share in the joint covariance counts with its own number of clusters (Krishnamoorthy, Yu
    2004); that of outcome and exposure which has fewer is taken.
    """
    least = float(np.nanmin(found.df[[*y.tolist(), *d.tolist()]]))
    sizes = [found.sizes[at] for at in d.tolist()]
    if d.size == 1 or any(each.treated is None for each in sizes):
        return least
    treated = np.array([each.clusters * (each.treated or 0.0) for each in sizes])
    pieces = np.maximum(np.r_[sizes[0].clusters - treated[0], treated], 2.0)
    told = [hotelling(joint[np.ix_(at, at)], pieces, found.df[at]) for at in (y, d)]
    known = [each for each in told if np.isfinite(each)]
    return max(least, min(known)) if known else least


def hotelling(v: FloatArray, pieces: FloatArray, df: FloatArray) -> float:
    """Degrees of freedom of a covariance of effects that share their control.

    Parameters
    ----------
    v
        Covariance of the effects of k arms on one column, shape (k, k).
    pieces
        Independent pieces of the control and of each arm, shape (k + 1,).
    df
        Of each effect alone, which the number of pieces may overstate (strata); shape (k,).

    Returns
    -------
    float
        NaN where nothing varies.

    Examples
    --------
    >>> alike = np.full((3, 3), 0.1) + 0.1 * np.eye(3)
    >>> round(hotelling(alike, np.full(4, 6.0), np.full(3, 10.0)), 2)
    13.33
    """
    k = len(v)
    control = max(float(v[~np.eye(k, dtype=bool)].mean()), 0.0)
    own = np.diag(v) - control
    if control <= 0 or own.min() <= 0:
        return float("nan")
    inverse = np.linalg.inv(np.diag(own) + control)
    shares = np.r_[control * inverse.sum(), own * np.diag(inverse)]
    alone = (control + own) ** 2 / (control**2 / (pieces[0] - 1) + own**2 / (pieces[1:] - 1))
    kept = min(1.0, float((df / alone).min()))
    return kept * k * (k + 1) / (2 * float((shares**2 / (pieces - 1)).sum()))


def _cross(sizes: Sequence[Size]) -> FloatArray | None:
    """What stands for the cross product of the arms, of effects that are differences from control.

    Dummies of arms with shares p, less their means, have the product n (diag p - pp'). A regression
    on them gives the differences, whose own weight in the effective F is that product: its inverse
    is what :class:`Effects` takes for scores.
    """
    if any(each.treated is None for each in sizes):
        return None
    treated = np.array([each.units * (each.treated or 0.0) for each in sizes])
    share = treated / (sizes[0].units - treated[0] + treated.sum())
    product = np.diag(share) - np.outer(share, share)
    return np.asarray(np.linalg.inv(product), dtype=float) if share.all() else None


def _refusal(found: Estimates, at: int, dose: IntArray) -> str:
    """Why an effect cannot be used; an exposure that is the arm itself has no error, and needs none."""
    if found.refusal[at] or spread(found, at):
        return found.refusal[at] or without_error(found, at)
    if at in dose and found.values[at] != 0:
        return ""
    return f"'{found.labels[at].outcome}' does not vary within the arms"


def spread(found: Estimates, at: int) -> bool:
    """Whether values of an effect vary within the arms, or cannot be told to."""
    size = abs(float(found.values[at])) + abs(float(found.baseline[at]))
    return not float(found.std_errors[at]) <= ROUNDING * size


def _rows(found: Estimates, metric: str) -> IntArray:
    """Where the effects on a metric are, one an arm."""
    at = np.array([i for i, each in enumerate(found.labels) if each.outcome == metric], dtype=int)
    if not at.size:
        known = sorted({each.outcome for each in found.labels})
        raise DesignError(
            f"There is no effect on '{metric}'. The metrics are {listing(known)}."
            f"{nearest(metric, known)}"
        )
    return at
