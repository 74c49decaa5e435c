"""Measure how often 95% intervals hold the truth, print the table and write it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.coverage.measures import measure
from benchmarks.coverage.report import page
from benchmarks.coverage.worlds import WORLDS


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="worlds called learned: a tenth")
    parser.add_argument("--only", default="", help="a word that the worlds' names hold")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    found = []
    for world in (w for w in WORLDS if given.only in w.name):
        each = measure(world, given.runs // 10 if world.learned else given.runs)
        found.append(each)
        print(f"{each.covered:.3f} {each.abstained:.3f} {world.name}", file=sys.stderr, flush=True)
    text = page(found, f"python -m benchmarks.coverage --runs {given.runs}")
    print(text)
    if given.out is not None:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
