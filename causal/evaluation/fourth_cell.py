"""Whether what users see depends on the ranker: the cell that no part is made of."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import count, human, p_is, scale_of
from causal.estimation._estimates import Estimates, variance
from causal.estimation.paths.separable import UNREAD, in_cell, users_by_view
from causal.evaluation._evaluated import Evaluated

SMALL = 0.05


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """Compare users' part where the ranker reads the attribute with that where it does not.

    Each outcome by the t of the difference, Bonferroni; under .05 a WARN, since the split then depends
    on which part comes first.
    """
    study, panel = evaluated.study, evaluated.panel
    rows = panel.paths
    if rows is None or rows.ranked is None or not in_cell(rows, UNREAD[0]).any():
        return ()
    found = users_by_view(study, panel)
    tests = [
        (_p(found, i) * len(study.outcomes), i)
        for i in range(0, len(found), 2)
        if not any(found.refusal[i : i + 2])
    ]
    if not tests:
        return ()
    p, i = min(tests)
    p = min(p, 1.0)
    outcome = study.outcomes[i // 2]
    pair = found.influence[:, [i, i + 1]]
    errors = np.sqrt(np.maximum(variance(pair, pair, found.ways), 0.0))
    written = scale_of(
        {"name": outcome.name, "kind": "mean", "baseline": None},
        [{"ci_low": -2 * each, "ci_high": 2 * each, "verdict": None} for each in errors],
    )
    read, unread = (written.effect(value) for value in found.values[i : i + 2])
    differs = p < SMALL
    many = int(in_cell(rows, UNREAD[0]).sum())
    return (
        Finding(
            name="fourth cell",
            status=Status.WARN if differs else Status.PASS,
            meaning=f"{count(many)} items that users see with the attribute and the ranker takes to "
            f"be without it are in no part. What users see in it moves {human(outcome.name)} by "
            f"{unread} where the ranker does not read it and by {read} where it does"
            + (
                f": this depends on the ranker ({p_is(p)}), and the split with it. What both do "
                "together is in the part of what users see."
                if differs
                else f", which may be chance ({p_is(p)})."
            ),
            remedy="Say both numbers: the second is what users bring while the ranker reads the "
            "attribute, the first if it did not."
            if differs
            else "",
            statistic=p,
            threshold=SMALL,
        ),
    )


def _p(found: Estimates, i: int) -> float:
    """P-value of the difference of two estimates that stand side by side."""
    from scipy.stats import t as student

    gap = (found.influence[:, i] - found.influence[:, i + 1])[:, None]
    error = float(np.sqrt(max(variance(gap, gap, found.ways)[0], 0.0)))
    off = abs(float(found.values[i] - found.values[i + 1]))
    if error == 0:
        return 1.0
    return float(2 * student.sf(off / error, min(found.df[i : i + 2])))
