"""Did every arm get its planned share: over all blocks, by month and by segment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import Panel
from causal.design.study import Study
from causal.diagnostics import _where
from causal.diagnostics._months import Months, Run, by_month, period
from causal.diagnostics._segments import Segment, by_segment, confined, leaning
from causal.diagnostics._single import single_blocks
from causal.diagnostics._split import Split, split
from causal.diagnostics._tail import (
    FEW,
    GATE,
    SMALL_P,
    TOLERATED,
    fails,
    holm,
    share_p,
    sum_p,
    tail,
)

NAME = "sample ratio"


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Compare the counts of each block's arms with the planned shares, and say when and where.

    Each row is an arm of its block. A block *fails* when its chi-square has p < .01 (exact where an
    expected count is under 5); 1% of the blocks of a valid log do.

    **The rule.** Impressions are not persons, so their counts vary a little more than independent
    draws: a raw sum of thousands of chi-squares fails every real log, and a plain pass would excuse
    real breaks. The dispersion is therefore measured (the median over blocks of chi-square over its
    null median, outside the flagged months, so that breaks move it little) and

    - a month is *flagged* when its blocks fail beyond the log's own dispersion (at most 2) at
      .001 / months;
    - a run of flagged months is a FAIL when that still holds at a dispersion of 1.5 or the log's
      own, whichever is larger; otherwise a WARN (in the valid months of a large public log the
      dispersion is 1.06 to 1.6);
    - outside the flagged months the sum of the chi-squares over that same dispersion must have
      p >= .001, and so must Holm's adjusted p of every segment and of every *leaning* (do the arms
      with an attribute, or the first arms, get more than their share? its standard error is taken
      over blocks, so no dispersion excuses it);
    - single blocks that are impossible by chance are named; they fail the log when they are more
      than 1% of its blocks;
    - with fewer than 20 blocks nothing is excused: the raw sum decides at .001.

    Every raw figure is shown beside. Sources: Fabijan et al. 2019 (sample ratio mismatch);
    McCullagh and Nelder 1989, section 4.5 (dispersion).
    """
    if study.assignment != "randomized" or not study.block or panel.block is None:
        return ()
    if panel.counts is None:
        return (_skipped("No column counts the units of each arm."),)
    if not bool(np.all(np.nan_to_num(panel.counts) >= 0)):
        return (_skipped(f"Some counts in '{panel.count_name}' are negative."),)
    cut = split(panel, study.settings.seed)
    if not cut.blocks:
        return (_skipped("No block has two arms with a count."),)
    months = _unless_throughout(study, panel, cut, by_month(cut))
    runs = tuple(_run(study, panel, cut, months, run) for run in months.runs)
    rest = _rest(study, panel, cut, months)
    single = () if rest else single_blocks(study, panel.count_name, cut, months)
    found = (*runs, *rest, *single)
    failed = any(each.status is Status.FAIL for each in found)
    return found if failed or not months.outside.any() else (_overall(panel, cut, months), *found)


def _unless_throughout(study: Study, panel: Panel, cut: Split, months: Months) -> Months:
    """Forget flagged months when the break is one segment's, most of the time: it is no period.

    That is, when the rest of the flagged months is clean, and the segment fails in the other months
    too or hardly reaches into them.
    """
    where = confined(panel, cut, ~months.outside, _fixed(study), months.tolerated)
    if where is None or not months.runs:
        return months
    other = where.blocks & months.outside
    failing = fails(cut.chi[other], cut.df[other], months.tolerated).sum()
    still = share_p(np.array([failing]), np.array([other.sum()]))[0] < SMALL_P
    return months.unflagged() if still or other.sum() < where.blocks.sum() / 5 else months


def _fixed(study: Study) -> tuple[str, ...]:
    """Columns fixed before assignment, along which a break may be located."""
    return tuple(dict.fromkeys((*study.modifiers, *study.confounders)))


def _skipped(reason: str) -> Finding:
    return Finding(
        name=NAME,
        status=Status.WARN,
        meaning=f"The sample ratio was not checked. {reason}",
        remedy=(
            "Name the integer column that counts the units of each row in allocation.count; "
            "a randomisation that is not checked is believed on trust."
        ),
    )


def _run(study: Study, panel: Panel, cut: Split, months: Months, run: Run) -> Finding:
    """Report one run of flagged months, with the line that leaves it out."""
    starts, ends = period(cut, months, run)
    day = cut.first.astype("datetime64[D]")
    inside = (day >= np.datetime64(starts)) & (day <= np.datetime64(ends))
    failing = int(fails(cut.chi[inside], cut.df[inside]).sum())
    blocks = int(inside.sum())
    segment = _place(study, panel, cut, months, run)
    where = f" Only blocks with {segment.said} are affected." if segment else ""
    named = ", ".join(months.label[at] for at in run.months)
    kind = (
        "The planned split was not kept: this is a break of the randomisation, or of its counting."
        if run.broken
        else "That is what counts varying up to 1.5 times as much as independent draws would give: "
        "no proof of a break."
    )
    return Finding(
        name=NAME,
        status=Status.FAIL if run.broken else Status.WARN,
        meaning=(
            f"From {starts} to {ends}, {failing} of {blocks} blocks "
            f"({failing / blocks:.1%}) are split with p < .01 where 1% are expected. {kind}{where} "
            f"Months flagged: {named}. "
            f"{_outside(cut, months)}{_runs_on(cut, months, run, ends)}"
        ),
        remedy=_leave_out(study, cut, months, run, segment, rows_remain=bool(months.outside.any())),
        statistic=failing / blocks,
        threshold=float(months.limit[list(run.months)].sum()) / blocks,
        blocks="page" if run.broken else "none",
        starts=starts,
        ends=ends,
        columns=tuple(each for each in (panel.count_name, study.time) if each),
        detail=_table(months),
    )


def _place(study: Study, panel: Panel, cut: Split, months: Months, run: Run) -> Segment | None:
    if not run.broken:
        return None
    inside = np.isin(months.of, run.months)
    return confined(panel, cut, inside, _fixed(study), months.tolerated)


def _leave_out(
    study: Study,
    cut: Split,
    months: Months,
    run: Run,
    segment: Segment | None,
    *,
    rows_remain: bool,
) -> str:
    """Write what to do, with one line for ``data.where`` that leaves out every broken run."""
    together = tuple(each for each in months.runs if each.broken or each is run)
    unwanted = [
        _where.within(study.time or "", *period(cut, months, each))
        for each in sorted(together, key=lambda each: each.months)
    ]
    if segment and segment.condition and len(together) == 1:
        unwanted = [f"{unwanted[0]} AND {segment.condition}"]
    elif not rows_remain:
        return (
            "Every month is flagged, so no period can be left out. Find out how arms were assigned "
            "and counted; if one person is counted many times, name a column that counts persons "
            "in allocation.count."
        )
    paste = _where.line(study.data.where, unwanted)
    if not run.broken:
        return (
            f"Look at these months; to see whether they matter leave them out under data: {paste}"
        )
    return (
        f"Find out what happened then; until it is known leave the period out under data: {paste}"
    )


def _outside(cut: Split, months: Months) -> str:
    """Say how the blocks outside the flagged months split, and how much counts vary."""
    chosen = months.outside
    if not chosen.any():
        return "No block lies outside these months."
    chi, df = cut.chi[chosen], cut.df[chosen]
    share = float(fails(chi, df).mean())
    return (
        f"Outside all flagged months {share:.1%} of {chi.size} blocks have p < .01; counts vary "
        f"{months.dispersion:.2f} times as much as independent draws."
    )


def _runs_on(cut: Split, months: Months, run: Run, ends: date) -> str:
    inside = np.isin(months.of, run.months) & (cut.first < np.datetime64(ends) + 1)
    later = int((cut.last[inside] >= np.datetime64(ends) + 1).sum())
    if not later:
        return ""
    return f" {later} of its blocks go on after the last day: leave their later rows out too."


def _rest(study: Study, panel: Panel, cut: Split, months: Months) -> tuple[Finding, ...]:
    """Test what lies outside the flagged months: segments, leanings and the sum."""
    outside = months.outside
    if not outside.any():
        return ()
    segments = by_segment(panel, cut, outside, _fixed(study), months.tolerated)
    attributes = tuple(each.name for each in study.attributes)
    leanings = leaning(panel, cut, outside, attributes, by_unit=bool(study.unit))
    tests = (*segments, *leanings)
    adjusted = holm(np.array([each.p_value for each in tests]))
    found = tuple(
        _segment(study, each, float(p)) for each, p in zip(tests, adjusted, strict=True) if p < GATE
    )
    p = _sum(cut, months, months.tolerated)
    if p >= GATE or found:
        return found
    return (_overall(panel, cut, months),)


def _segment(study: Study, segment: Segment, p: float) -> Finding:
    remedy = "Find out how these were assigned and counted; no effect is safe until it is known."
    if segment.condition:
        paste = _where.line(study.data.where, [segment.condition])
        remedy = f"Find out how they were assigned; until then leave them out under data: {paste}"
    return Finding(
        name=f"{NAME} by segment",
        status=Status.FAIL,
        meaning=segment.meaning,
        remedy=remedy,
        statistic=p,
        threshold=GATE,
        blocks="page",
        columns=(segment.column,) if segment.column else (),
    )


def _sum(cut: Split, months: Months, dispersion: float) -> float:
    chosen = months.outside
    few = int(chosen.sum()) < FEW
    return sum_p(
        cut.chi[chosen],
        cut.df[chosen],
        1.0 if few else dispersion,
        estimated=not few and dispersion == months.allowed > 1,
    )


def _overall(panel: Panel, cut: Split, months: Months) -> Finding:
    """Report all blocks outside flagged months together, with the raw figures beside."""
    chosen = months.outside
    chi, df = cut.chi[chosen], cut.df[chosen]
    failing = int(fails(chi, df).sum())
    p = _sum(cut, months, months.tolerated)
    raw = float(tail(np.array(chi.sum()), np.array(df.sum())))
    shares = float(share_p(np.array([failing]), np.array([chi.size]))[0])
    loose = months.dispersion > TOLERATED
    status = Status.FAIL if p < GATE else Status.WARN if loose else Status.PASS
    return Finding(
        name=NAME,
        status=status,
        meaning=(
            f"{_VERDICT[status]} {failing} of {chi.size} blocks ({failing / chi.size:.1%}) have "
            f"p < .01 where {SMALL_P:.0%} are expected (binomial p = {shares:.2g}). Counts in "
            f"'{panel.count_name}' vary {months.dispersion:.2f} times as much as independent "
            f"draws (median over blocks). The chi-squares sum to {chi.sum():.6g} on "
            f"{df.sum():.0f} degrees of freedom: p = {raw:.2g} as it stands, {p:.2g} when counts "
            f"may vary {months.tolerated:.2f} times and no single block decides."
            f"{_undated(cut, months)}{_not_compared(cut)}"
        ),
        remedy="" if status is Status.PASS else _REMEDY,
        statistic=p,
        threshold=GATE,
        blocks="page" if status is Status.FAIL else "none",
        columns=(panel.count_name,) if panel.count_name else (),
        detail=_table(months),
    )


_VERDICT: Mapping[Status, str] = {
    Status.PASS: "The arms got their planned shares.",
    Status.WARN: (
        "The arms got about their planned shares, but the counts vary so much that either one "
        "person is counted several times or every split is a little off."
    ),
    Status.FAIL: "The arms did not get their planned shares.",
}
_REMEDY = (
    "Look for lost or double-counted units, and for an assignment that was not random, before "
    "reading any effect. If one person is counted many times, name a column that counts persons in "
    "allocation.count; if the plan was not equal shares, name them in allocation.shares."
)


def _undated(cut: Split, months: Months) -> str:
    unknown = int((months.of < 0).sum())
    if unknown == cut.blocks:
        return " The study names no time, so periods were not compared."
    return f" {unknown} blocks have no date and belong to no month." if unknown else ""


def _not_compared(cut: Split) -> str:
    if not cut.left_out:
        return ""
    return f" {cut.left_out} blocks have a single arm or no count and say nothing."


def _table(months: Months) -> tuple[dict[str, Cell], ...]:
    return tuple(
        {
            "month": label,
            "blocks": int(months.blocks[at]),
            "failing": int(months.failing[at]),
            "share": float(months.failing[at] / months.blocks[at]),
            "expected": SMALL_P,
            "limit": int(months.limit[at]),
            "flagged": bool(months.flagged[at]),
        }
        for at, label in enumerate(months.label)
    )
