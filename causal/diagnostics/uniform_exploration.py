"""Whether items of exploration traffic really come in random order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.wording import p_is
from causal.data.panel import FloatArray, IntArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import indicators, named, quoted
from causal.diagnostics._tail import GATE

FEWEST = 30
DESIGNS = ("exploration traffic", "weighted to production", "replay", "bounds")


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Compare attributes and what is known of items and users between slots of exploration rows.

    By lot every column has the same mean in every slot: an F test of each, Bonferroni over columns.
    Under p = .001 a FAIL: the traffic was ordered by something.
    """
    rows, explored = panel.paths, panel.exploration
    if study.exposure is None or rows is None or rows.slot is None or explored is None:
        return ()
    slot = rows.slot[explored]
    if np.unique(slot).size < 2 or slot.size < FEWEST:
        return ()
    tests = sorted(_tests(study, panel, slot), key=lambda each: (each[1], each[0]))
    if not tests:
        return ()
    smallest = min(1.0, tests[0][1] * len(tests))
    uneven = tuple(dict.fromkeys(name for name, p in tests if p * len(tests) < GATE))
    detail: tuple[dict[str, Cell], ...] = tuple(
        {"column": name, "p": min(1.0, p * len(tests))} for name, p in tests[:8]
    )
    return (
        Finding(
            name="uniform exploration",
            status=Status.FAIL if uneven else Status.PASS,
            meaning=(
                f"On exploration rows {quoted(uneven)} differ by slot more than a random order "
                f"gives ({p_is(smallest)}): these rows were ordered by something, so they do not "
                "tell what a slot or an attribute does."
                if uneven
                else "On exploration rows no column differs by slot more than a random order gives "
                f"(the smallest {p_is(smallest)}, over {len(tests)} tests)."
            ),
            remedy="Look at how exploration orders items, and at rows that are marked as "
            "exploration and are not."
            if uneven
            else "",
            statistic=smallest,
            threshold=GATE,
            blocks="design",
            designs=DESIGNS,
            columns=uneven,
            detail=detail,
        ),
    )


def _tests(study: Study, panel: Panel, slot: IntArray) -> Iterator[tuple[str, float]]:
    """P-value of each column's indicators by slot."""
    names = [each.name for each in study.attributes]
    names += [*study.confounders, *study.modifiers, *study.mediators]
    position = study.exposure.position if study.exposure is not None else None
    explored = np.asarray(panel.exploration)
    for column in named(panel, [name for name in names if name != position]):
        made = indicators(column)[explored]
        for at in range(made.shape[1]):
            p = _f_test(made[:, at], slot)
            if p is not None:
                yield column.name, p


def _f_test(values: FloatArray, slot: IntArray) -> float | None:
    """One-way analysis of variance; None where nothing varies or slots are too thin."""
    from scipy.special import fdtrc

    known = ~np.isnan(values)
    y, at = values[known], np.unique(slot[known], return_inverse=True)[1]
    counts = np.bincount(at)
    if counts.size < 2 or counts.min() < FEWEST or not np.ptp(y):
        return None
    means = np.bincount(at, weights=y) / counts
    within = float(((y - means[at]) ** 2).sum()) / (y.size - counts.size)
    if within <= 0:
        return 0.0
    between = float((counts * (means - y.mean()) ** 2).sum()) / (counts.size - 1)
    return float(fdtrc(counts.size - 1, y.size - counts.size, between / within))
