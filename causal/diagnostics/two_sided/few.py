"""Were enough users and creators assigned to each arm."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import count, figure, together
from causal.data.pairs.collected import CollectedPairs
from causal.data.pairs.sums import ARMS
from causal.data.panel import FloatArray, IntArray
from causal.diagnostics.clusters import FEW, NONE_BELOW
from causal.diagnostics.experiment._planned import Planned

NAME = "few units"


def check(collected: CollectedPairs, planned: Planned) -> tuple[Finding, ...]:  # noqa: ARG001
    """Count the units of each arm and side, and how many equal ones they are worth.

    Errors come from how users and creators differ, so they need enough of both. Under 5 in an arm no
    interval can be trusted: a FAIL. Under 30, or worth fewer than 30 with totals all alike
    ((sum t)^2 / sum t^2, of the first outcome's column or numerator): a WARN, since
    intervals of few units of unequal size are a little too narrow.
    """
    sums = collected.sums
    sides = (("users", sums.users, sums.by_user, sums.total.sum(axis=1)),
             ("creators", sums.creators, sums.by_creator, sums.total.sum(axis=0)))  # fmt: skip
    return tuple(
        _finding(side, number, _worth(products, totals)) for side, number, products, totals in sides
    )


def _worth(products: FloatArray, totals: FloatArray) -> FloatArray:
    """Units alike that each arm's are worth, by the first column, shape (2,)."""
    k = totals.shape[1]
    found = []
    for arm in range(ARMS):
        squares = products[arm].reshape(ARMS, k, ARMS, k)[:, 0, :, 0].sum()
        found.append(totals[arm, 0] ** 2 / squares if squares > 0 else np.nan)
    return np.array(found)


def _finding(side: str, number: IntArray, worth: FloatArray) -> Finding:
    fewest, least = int(number.min()), float(np.nanmin([*number, *worth]))
    status = Status.FAIL if fewest < NONE_BELOW else Status.WARN if least < FEW else Status.PASS
    arms = zip(("control", "treated"), number.tolist(), worth.tolist(), strict=True)
    said = together(
        f"{count(n)} {arm}" + (f" (worth {figure(own, 2)} alike)" if np.isfinite(own) else "")
        for arm, n, own in arms
    )
    return Finding(
        name=f"{NAME} ({side})",
        status=status,
        meaning=f"{side.capitalize()}: {said}. {_MEANS[status]}",
        remedy="" if status is Status.PASS else f"Assign more {side}.",
        statistic=least if status is Status.WARN else float(fewest),
        threshold=float(NONE_BELOW if status is Status.FAIL else FEW),
        blocks="page" if status is Status.FAIL else "none",
    )


_MEANS = {
    Status.FAIL: f"An interval from fewer than {NONE_BELOW} in an arm would be a guess.",
    Status.WARN: f"Of fewer than {FEW} alike in an arm intervals may be a little too narrow.",
    Status.PASS: f"Every arm has at least {FEW}.",
}
