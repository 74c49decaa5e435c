"""Run the cases that are not done, or write docs/heterogeneity.md from those that are.

IHDP and ACIC are read from CAUSAL_TEST_DATA and never shipped. causalml does not install beside our
pins: name a Python that has it with --causalml-python.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.heterogeneity.report import page
from benchmarks.heterogeneity.run import run

DOCS = Path(__file__).resolve().parents[2] / "docs" / "heterogeneity.md"


def main() -> None:
    """Read the options, and run or write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.heterogeneity", description=__doc__)
    parser.add_argument("--only", nargs="*", default=None, help="beginnings of names")
    parser.add_argument("--causalml-python", default=None)
    parser.add_argument("--write", action="store_true", help="write the page, run nothing")
    given = parser.parse_args()
    if given.write:
        DOCS.write_text(page(), "utf-8")
    else:
        run(given.only, given.causalml_python)


if __name__ == "__main__":
    main()
