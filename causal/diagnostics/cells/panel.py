"""Is every entity seen in every period."""

from __future__ import annotations

import numpy as np

from causal.base.errors import listing
from causal.base.finding import Finding, Status
from causal.content.wording import count, percent
from causal.data.cells.cells import Cells

MOST = 0.2
SURE = 0.001


def check(cells: Cells) -> tuple[Finding, ...]:
    """Count cells without a row, and compare their share between cohorts (chi-square).

    None is a PASS, up to a fifth a WARN. More, or shares that differ between cohorts with
    p < 0.001, is a FAIL: who is missing may then be what moves the numbers.
    """
    share = cells.missing / cells.rows.size
    p = _differs(cells)
    failed = share > MOST or p < SURE
    status = Status.FAIL if failed else Status.WARN if share or cells.gaps else Status.PASS
    return (
        Finding(
            name="panel",
            status=status,
            meaning=_meaning(cells, share, p),
            remedy=""
            if status is Status.PASS
            else "Look why cells are missing; write 0 where nothing happened, or cut longer periods "
            "with 'every'.",
            statistic=share,
            threshold=MOST,
            blocks="page" if failed else "none",
        ),
    )


def _differs(cells: Cells) -> float:
    from scipy.stats import chi2_contingency

    gone = cells.rows == 0
    counts = np.array(
        [
            [gone[cells.adopted == g].sum(), (~gone[cells.adopted == g]).sum()]
            for g in np.unique(cells.adopted)
        ]
    )
    if len(counts) < 2 or not gone.any() or gone.all():
        return 1.0
    return float(chi2_contingency(counts).pvalue)


def _meaning(cells: Cells, share: float, p: float) -> str:
    if not share and not cells.gaps:
        return "Every entity is seen in every period."
    said = []
    if share:
        where = [
            name for name, row in zip(cells.entities, cells.rows, strict=True) if (row == 0).any()
        ]
        said.append(
            f"{count(cells.missing)} cells ({percent(share)}) have no row, of {listing(where, 3)}; "
            "each number uses the entities it has both periods of."
        )
    if p < SURE:
        said.append(
            "Adopters of different dates miss different shares of their cells, which chance does "
            "not explain."
        )
    if cells.gaps:
        said.append(
            f"Nobody has a row {listing(list(cells.gaps), 3)}; event time counts the periods there are."
        )
    return " ".join(said)
