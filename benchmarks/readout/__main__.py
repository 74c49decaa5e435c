"""Measure coverage and error rates of readouts, and write the page."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.readout import bar

if TYPE_CHECKING:
    from benchmarks.readout.cells import Cell
    from benchmarks.readout.errors import Rate

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

TEXT = """# Readouts of experiments: coverage and error rates

Made by `{command}`. Every world has a known truth and every run a fixed seed.

## Coverage of effects

A relative lift of 11.5% is planted in every kind of metric; a ratio's denominator grows by 8% besides.
Share of 95% intervals that hold the truth over {runs:,} runs (Monte Carlo error {error:.1%}), absolute and
relative (Fieller); in brackets the width of the relative interval, in percentage points. *Must be*: absolute 93 to
97%; relative at least 95% less two errors ({least:.1%}), since Fieller's may hold more often: {verdict}.

{cells}

## Coverage of quantiles

The same lift on a quantile, which is not adjusted for; width in percentage points. Where values repeat, the quantile
moves in steps and the interval holds more often than 95%. *Without an interval*: the whole of it is one value, and
the readout says so. *Holds*: both at least 95% less two errors ({least:.1%}).

{quantiles}

## Coverage of what effects add up to

Change of the total a day, the share of the total of everybody that units of the experiment have, and the change of
that total (Fieller). Units are taken as they came; they have 40% of the total. The first two must hold in 93 to 97%,
the lift in at least {least:.1%}; what does not is bold.

{impact}

## Coverage of experiments on two sides

Users and creators are both assigned, and both differ by themselves; users treated raise clicks by 20%, creators by
10%, both by 35%, and what is shown by 8%. Width of the relative interval in percentage points. *Holds*: absolute 93
to 97%, relative at least {least:.1%}; *warned*: an arm has units worth fewer than 30 alike, which the readout says.

{two_sided}

## Effects by day since exposure

Fourteen days of one cohort; activity falls off with days since exposure, as it does when units are exposed on a day
they are active. A relative effect of 30% lasts, or fades with the root of the day. Share of runs, twice as many as above,
in which the 95% intervals of all days hold their truths at once (in percentage points their mean width), and in which a
change over days is called at 5%. *Holds*: all days at once in at least 95% less two errors ({least_by_day:.1%}), and of
a lasting effect 3 to 7% called, as its slope has a two-sided interval.

{by_day}

## Projections of long-term effects

Pasts of 20 and of 60 experiments whose true effects are known: the short-term ones tell 70% of the variance of the
long-term one's. Errors are 0.4 (strong signal) or 1.25 (weak) of the spread of true effects, a third more of the
long-term metric, and go together between metrics. Share of {projected_runs} pasts whose 95% interval holds the true
long-term effect of one more experiment, where it is projected (else the page refuses: no spread beyond noise, or too far
from the past), its width and the root mean squared error; and those of a regression of measured on measured, whose
interval is for what will be measured. *Holds*: at least 95% less two errors.

{projected}

Experiments on the ranker of the [simulated platform](platform.md), 60 of 3,000 users each, with the errors as measured;
days with a visit in the last two weeks, projected from the first week, each experiment from the others. Against what was
measured, then against the truth, which comes from running the weights for everybody; the counters of clicks that arms
share are in what is measured and not in the truth. Clicks alone are clickbait there: headlines raise them and lower what
a visit is worth, and the record shows it.

{platform}

## Error rates

*Width* is that of the last interval over the fixed one. *At most* is within two Monte Carlo errors.

{rates}

## False alarms of the validity gate

Experiments in which nothing is wrong, whichever check fails.

{gate}
"""


def main() -> None:
    """Measure, and write the page."""
    from benchmarks.readout import (
        by_day,
        errors,
        gate,
        impact,
        projected,
        quantile_cells,
        two_sided,
    )
    from benchmarks.readout.cells import cells

    parser = argparse.ArgumentParser(prog="python -m benchmarks.readout", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=Path("docs/readouts.md"))
    given = parser.parse_args()
    found = []
    for cell in cells(given.runs):
        _say(f"{cell.world.name}, {cell.adjustment.value}")
        found.append(cell)
    apart = [cell for cell in found if not cell.holds()]
    _say("quantiles")
    quantiles = "\n".join(quantile_cells.table(given.runs))
    rates = []
    for rate in errors.rates(given.runs):
        _say(rate.name)
        rates.append(rate)
    _say("what effects add up to")
    added = "\n".join(impact.table(given.runs))
    _say("effects by day")
    days = "\n".join(by_day.table(2 * given.runs))
    _say("two sides")
    sides = "\n".join(two_sided.table(given.runs))
    _say("projections")
    pasts = 2 * given.runs // 5
    long_run = "\n".join(projected.table(pasts))
    on_platform = "\n".join(projected.platform())
    _say("validity gate")
    text = TEXT.format(
        command=f"python -m benchmarks.readout --runs {given.runs}",
        runs=given.runs,
        error=bar.error(given.runs),
        least=bar.least(given.runs),
        least_by_day=bar.least(2 * given.runs),
        verdict="every cell holds" if not apart else f"**{len(apart)} cells miss**",
        cells=_cells(found),
        quantiles=quantiles,
        impact=added,
        two_sided=sides,
        by_day=days,
        projected_runs=pasts,
        projected=long_run,
        platform=on_platform,
        rates=_rates(rates),
        gate="\n".join(gate.table(given.runs)),
    )
    given.out.write_text(text, encoding="utf-8")


def _cells(found: list[Cell]) -> str:
    adjustments = list(dict.fromkeys(cell.adjustment for cell in found))
    heads = [f"{each.value}: {kind}" for each in adjustments for kind in ("absolute", "relative")]
    lines = [f"| metric | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for at in range(0, len(found), len(adjustments)):
        cells = [
            f"{_marked(cell.absolute, enough=bar.two_sided(cell.absolute, cell.runs))} | "
            f"{_marked(cell.relative, enough=bar.at_least(cell.relative, cell.runs))} "
            f"({100 * cell.width:.0f})"
            for cell in found[at : at + len(adjustments)]
        ]
        lines.append(f"| {found[at].world.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _marked(share: float, *, enough: bool) -> str:
    text = f"{share:.1%}"
    return text if enough else f"**{text}**"


def _rates(rates: list[Rate]) -> str:
    lines = [
        "| what happens | runs | share | error | at most | width | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for rate in rates:
        width = "" if rate.width is None else f"{rate.width:.2f}"
        verdict = "holds" if rate.holds() else "**MISSES**"
        lines.append(
            f"| {rate.name} | {rate.runs:,} | {rate.share:.1%} | {rate.error:.1%} "
            f"| {rate.most:.1%} | {width} | {verdict} |"
        )
    return "\n".join(lines)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
