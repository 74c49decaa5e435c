"""The command: run what is missing, then write the page from the results alone."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")


def main() -> None:
    """Read the options, run, and write the page."""
    from benchmarks.accuracy import kept
    from benchmarks.accuracy.report import write
    from benchmarks.accuracy.run import Plan, run

    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--worlds", nargs="*", default=(), help="names; by default all")
    parser.add_argument("--peers", nargs="*", default=(), help="names; by default all")
    parser.add_argument("--runs", type=int, default=None, help="by default what each peer says")
    parser.add_argument("--budget", type=float, default=float("inf"), help="minutes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--published", action="store_true", help="run the published cases too")
    parser.add_argument("--results", type=Path, default=kept.RESULTS)
    parser.add_argument("--out", type=Path, default=Path("docs/accuracy.md"))
    parser.add_argument("--only-report", action="store_true", help="run nothing")
    given = parser.parse_args()
    if not given.only_report:
        run(
            Plan(
                worlds=tuple(given.worlds),
                peers=tuple(given.peers),
                runs=given.runs,
                budget=given.budget,
                workers=given.workers,
                folder=given.results,
            )
        )
        if given.published:
            from benchmarks.accuracy.published import run as run_published

            run_published(given.results / "published.json")
    write(given.results, given.out)


if __name__ == "__main__":
    main()
