"""Measure coverage of what explains a change, and write the page.

Runs are kept as they are made (``results/``), so that it can be interrupted and goes on; ``--budget``
stops it in time. A family is a file of this folder with a ``FAMILY``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

TITLE = """# Changes: coverage

Made by `python -m benchmarks.changes`, which runs what is missing and writes this page from the runs
that are kept in `benchmarks/changes/results`. Every world has a known truth and every run a fixed seed.
Shares are percentages of runs in which a 95% interval holds the truth. *Holds*: 93 to 97 each, and at
least 95 of intervals that hold at once, within three Monte Carlo errors. Runs are how many there are.
"""
BATCH = 24


def families() -> Mapping[str, ModuleType]:
    """Files of this folder that have a ``FAMILY``, by name."""
    import benchmarks.changes as here

    names = [each.name for each in pkgutil.iter_modules(here.__path__) if each.name[0] != "_"]
    found = {name: importlib.import_module(f"{here.__name__}.{name}") for name in sorted(names)}
    return {name: module for name, module in found.items() if hasattr(module, "FAMILY")}


def measure(name: str, module: ModuleType, *, runs: int, until: float, workers: int) -> None:
    """Make and keep the runs of a family that are missing, some of every world at a time."""
    import numpy as np
    from joblib import Parallel, delayed

    from benchmarks.changes import _kept

    family, made_by = module.FAMILY, _kept.key(module)
    kept = _kept.load(name, made_by)
    wanted = min(runs, family.most)
    with Parallel(n_jobs=workers) as parallel:
        while time.monotonic() < until:
            there = {world: len(kept.get(world.name, ())) for world in family.worlds}
            world = min(family.worlds, key=lambda each: there[each])
            first = there[world]
            if first >= wanted:
                return
            made = parallel(
                delayed(family.run)(world, run) for run in range(first, min(first + BATCH, wanted))
            )
            new = np.asarray(made, dtype=np.float32)
            kept[world.name] = np.concatenate([kept[world.name], new]) if first else new
            _kept.save(name, made_by, kept)
            done = sum(there.values()) + len(made)
            print(f"{name}: {done} of {wanted * len(there)}", file=sys.stderr, flush=True)


def page(found: Mapping[str, ModuleType]) -> str:
    """The page, from what is kept."""
    from benchmarks.changes import _kept
    from benchmarks.changes._family import monte_carlo

    parts = [TITLE]
    for name, module in found.items():
        kept = _kept.load(name, _kept.key(module))
        worlds = {world.name: kept[world.name] for world in module.FAMILY.worlds
                  if world.name in kept}  # fmt: skip
        fewest = min(map(len, worlds.values()), default=0)
        parts.append(f"## {module.FAMILY.title}\n")
        if not fewest:
            parts.append("Not run with the present code.\n")
            continue
        error = 100 * monte_carlo(fewest)
        parts.append(module.FAMILY.text.replace("{error}", f"{error:.1f}").strip() + "\n")
        parts.append(f"Runs of each world: {_counts(worlds)}; Monte Carlo error {error:.1f}.\n")
        parts.append("\n".join(module.FAMILY.lines(worlds)) + "\n")
    return "\n".join(parts)


def _counts(worlds: Mapping[str, object]) -> str:
    sizes = sorted({len(runs) for runs in worlds.values()})  # type: ignore[arg-type]
    return f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"


def main() -> None:
    """Measure what is missing, and write the page."""
    from causal.base.workers import available_cores

    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes", description=__doc__)
    parser.add_argument("--only", nargs="*", help="families, by the names of their files")
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--budget", type=float, default=600.0, help="minutes")
    parser.add_argument("--workers", type=int, default=available_cores())
    parser.add_argument("--only-report", action="store_true", help="run nothing")
    parser.add_argument("--out", type=Path, default=Path("docs/changes.md"))
    given = parser.parse_args()
    found = families()
    unknown = sorted(set(given.only or ()) - set(found))
    if unknown:
        parser.error(f"no family {', '.join(unknown)}. There are: {', '.join(found)}.")
    until = time.monotonic() + 60 * given.budget
    if not given.only_report:
        for name in given.only or found:
            measure(name, found[name], runs=given.runs, until=until, workers=given.workers)
    given.out.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
