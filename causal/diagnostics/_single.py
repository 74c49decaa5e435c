"""Single blocks whose split is impossible, in a log that is otherwise in order."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import IntArray
from causal.design.study import Study
from causal.diagnostics import _where
from causal.diagnostics._months import Months
from causal.diagnostics._split import Split
from causal.diagnostics._tail import FEW, GATE, tail


def single_blocks(
    study: Study, count_name: str | None, cut: Split, months: Months
) -> tuple[Finding, ...]:
    """Name the blocks outside flagged months whose split is impossible even among so many."""
    p = tail(cut.chi / months.tolerated, cut.df)
    odd = np.flatnonzero(months.outside & (p < GATE / cut.blocks))
    blocks = int(months.outside.sum())
    if not odd.size or blocks < FEW:
        return ()
    many = odd.size > blocks / 100
    shown = odd[np.argsort(-cut.chi[odd], kind="stable")][:10]
    return (
        Finding(
            name="sample ratio of single blocks",
            status=Status.FAIL if many else Status.WARN,
            meaning=(
                f"{odd.size} of {blocks} blocks outside flagged months {_is(odd.size)} split in a "
                "way that chance does not give even once among so many."
            ),
            remedy=_drop_single(study, cut, shown if odd.size <= shown.size else shown[:0]),
            statistic=odd.size / blocks,
            threshold=0.01,
            blocks="page" if many else "none",
            columns=(count_name,) if count_name else (),
            detail=tuple(_arms(cut, int(at)) for at in shown),
        ),
    )


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _drop_single(study: Study, cut: Split, odd: IntArray) -> str:
    advice = "Look at these blocks: an arm was counted elsewhere too, or the assignment failed."
    alone = np.array([(cut.first == cut.first[at]).sum() == 1 for at in odd], dtype=bool)
    exact = odd.size and bool(np.all(alone & (cut.first[odd] == cut.last[odd])))
    if not study.time or not exact:
        return advice
    moments = [f"{_where.name(study.time)} = TIMESTAMP '{_moment(cut, int(at))}'" for at in odd]
    return f"{advice} To leave them out under data: {_where.line(study.data.where, moments)}"


def _moment(cut: Split, at: int) -> str:
    return str(cut.first[at].astype("datetime64[us]")).replace("T", " ").removesuffix(".000000")


def _arms(cut: Split, at: int) -> dict[str, Cell]:
    end = cut.start[at + 1] if at + 1 < cut.blocks else cut.row.size
    arm = slice(cut.start[at], end)
    worst = int(np.argmax(np.abs(cut.observed[arm] - cut.expected[arm])))
    return {
        "time": None if np.isnat(cut.first[at]) else _moment(cut, at),
        "arms": int(cut.df[at]) + 1,
        "count": float(cut.total[at]),
        "share": float(cut.observed[arm][worst] / cut.total[at]),
        "planned": float(cut.expected[arm][worst] / cut.total[at]),
    }
