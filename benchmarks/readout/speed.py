"""Wall time and memory of collecting an experiment, against the bare aggregate query in DuckDB.

Both read the same parquet columns with the machine's cores, each in a process of its own. *Bare* is
what anybody would write: counts, sums and squares by arm of the metrics' columns; of exposures after
the same grouping by unit. *Page* is a whole run, after imports. Run with ``make bench``; the
figures go to ``benchmarks/readout.json``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

METRICS = ("revenue", "visits", "saves", "hides", "minutes")
PAGE = 1_000_000
COLUMNS = (*METRICS, "clicks", "impressions", "revenue_before")


def write(file: Path, rows: int, per_unit: int) -> None:
    """Exposures in the order of units, or with one a unit unit rows."""
    import duckdb

    duckdb.sql(f"""
        COPY (
            SELECT u AS unit, CASE WHEN hash(u) % 2 = 0 THEN 'A' ELSE 'B' END AS arm,
                (hash(i, 1) % 1000) / 100.0 AS revenue, hash(i, 2) % 5 AS visits,
                hash(i, 3) % 3 AS saves, (hash(i, 4) % 50 = 0)::INT AS hides,
                (hash(i, 5) % 6000) / 60.0 AS minutes, hash(i, 6) % 4 AS clicks,
                3 + hash(i, 7) % 30 AS impressions, (hash(u, 8) % 1000) / 100.0 AS revenue_before
            FROM (SELECT i, i // {per_unit} AS u FROM range({rows}) t(i))
        ) TO '{file}' (FORMAT parquet)
    """)  # noqa: S608 - our own names


def study(file: Path, *, exposures: bool, **more: Any) -> Any:
    """Five metrics and a ratio, one of them with CUPED."""
    from causal.design.reading import study_from

    return study_from({
        "study": "speed", "kind": "experiment", "data": {"source": str(file)}, "unit": "unit",
        "rows": "exposure" if exposures else "unit",
        "arms": {"column": "arm", "control": "A", "shares": {"A": 0.5, "B": 0.5}},
        "outcomes": [
            {"name": "revenue", "column": "revenue", "before": "revenue_before"},
            *({"name": name, "column": name, "role": "secondary"} for name in METRICS[1:]),
            {"name": "rate", "numerator": "clicks", "denominator": "impressions",
             "role": "guardrail", "margin": 0.01},
        ],
    } | more)  # fmt: skip


def bare(file: Path, *, exposures: bool) -> None:
    """The plain query."""
    import duckdb

    squares = ", ".join(f"sum({c}::DOUBLE), sum({c}::DOUBLE * {c})" for c in COLUMNS)
    source = f"SELECT unit, arm, {', '.join(COLUMNS)} FROM '{file}'"  # noqa: S608
    if exposures:
        summed = ", ".join(f"sum({c}) AS {c}" for c in COLUMNS)
        source = f"SELECT unit, min(arm) AS arm, {summed} FROM '{file}' GROUP BY unit"  # noqa: S608
    query = f"SELECT arm, count(*), {squares} FROM ({source}) GROUP BY arm"  # noqa: S608
    duckdb.sql(query).fetchall()


def ours(file: Path, *, exposures: bool) -> None:
    """Everything a readout collects."""
    from causal.base.workers import available_cores
    from causal.workflow.experiments import collected

    collected(study(file, exposures=exposures), workers=available_cores())


def page(file: Path, *, exposures: bool) -> None:
    """All of a run, to the files it leaves behind, with dates, a block and a segment."""
    import causal

    more = {
        "exposed_at": "day", "block": "market", "modifiers": ["market"],
        "analysis": {"planned_units": 1_000_000, "smallest": {"revenue": 0.01}},
        "data": {"source": str(file), "derive": {
            "day": "DATE '2026-01-01' + CAST(hash(unit, 9) % 14 AS INT)",
            "market": "CAST(hash(unit, 10) % 3 AS VARCHAR)",
        }},
    }  # fmt: skip
    asked = study(file, exposures=exposures, **more)
    with tempfile.TemporaryDirectory() as folder:
        causal.run(asked).save(Path(folder))


def measured(call: Callable[..., None], file: Path, *, exposures: bool) -> tuple[float, float]:
    """Seconds and gigabytes of a call in a process of its own, after one on a tiny file.

    The first call in a process imports the engines and compiles their plans for the first time.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_timed, (call, file), {"exposures": exposures})


def _timed(call: Callable[..., None], file: Path, *, exposures: bool) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        tiny = Path(folder) / "tiny.parquet"
        write(tiny, 2_000, 10 if exposures else 1)
        call(tiny, exposures=exposures)
    at = time.perf_counter()
    call(file, exposures=exposures)
    took = time.perf_counter() - at
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure unit rows and exposure rows, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readout.speed", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--per-unit", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=None, help="where the files may be kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/readout.json"))
    given = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for exposures in (False, True):
            file = Path(folder) / "rows.parquet"
            write(file, given.rows, given.per_unit if exposures else 1)
            runs = [
                (
                    measured(bare, file, exposures=exposures),
                    measured(ours, file, exposures=exposures),
                )
                for _ in range(given.rounds)
            ]
            plain, own = (min(run[side][0] for run in runs) for side in (0, 1))
            found.append(
                {
                    "rows": given.rows,
                    "of": "exposures" if exposures else "units",
                    "bare_seconds": round(plain, 2),
                    "seconds": round(own, 2),
                    "ratio": round(own / plain, 3),
                    "bare_gigabytes": round(max(run[0][1] for run in runs), 2),
                    "gigabytes": round(max(run[1][1] for run in runs), 2),
                }
            )
            print(json.dumps(found[-1]), file=sys.stderr, flush=True)
        file = Path(folder) / "page.parquet"
        write(file, PAGE, 1)
        took, most = min(measured(page, file, exposures=False) for _ in range(given.rounds))
        found.append(
            {"rows": PAGE, "of": "page", "seconds": round(took, 2), "gigabytes": round(most, 2)}
        )
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
