"""Measure coverage of what explains a change, and write the page."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

TEXT = """# Changes: coverage

Made by `{command}`. Every world has a known truth and every run a fixed seed.

## Shares of a move by mechanisms

Two periods of 2,000 rows each. *linear*: three nodes with squares in the outcome (the closed form of DoWhy's test);
*ratio*: two categories, then clicks over impressions, of which both move; *product*: the outcome depends on a product of
two nodes whose relation changes, among two nodes of noise. Clusters are in both periods and share a quarter of the
variance of every node. Share of 95% intervals that hold the truth over {runs:,} runs (in percent, by node, the outcome
last; Monte Carlo error {error:.1f}), of simultaneous intervals that hold all at once, and of intervals of the move.
*Bias* is the largest over nodes in standard deviations, *error* the mean standard error over the standard deviation where
it is farthest from 1. *Holds*: 93 to 97 each and at least 95 at once, within three Monte Carlo errors.

{movement}
"""


def main() -> None:
    """Measure, and write the page."""
    from benchmarks.changes import movement

    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=Path("docs/changes.md"))
    given = parser.parse_args()
    lines = []
    for line in movement.table(given.runs):
        print(line, file=sys.stderr, flush=True)
        lines.append(line)
    text = TEXT.format(
        command=f"python -m benchmarks.changes --runs {given.runs}",
        runs=given.runs,
        error=100 * (0.95 * 0.05 / given.runs) ** 0.5,
        movement="\n".join(lines),
    )
    given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
