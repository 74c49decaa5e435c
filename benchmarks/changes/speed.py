"""CPU time of sharing out a move in causal order: ten nodes, the outcome among them.

Every node follows from all before it, which no graph makes slower. ``python -m
benchmarks.changes.speed --rows 100000``: rows of each period.
"""

from __future__ import annotations

import argparse
import os
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

NODES = 9
CLUSTERS = 5_000
FOLDS = 5


def main() -> None:
    """Time one run, and print it."""
    from causal.base.streams import stream
    from causal.base.workers import available_cores
    from causal.content.attribute import Kind
    from causal.data.panel import Column, Measured
    from causal.estimation.movement._moved import Moved
    from causal.estimation.movement.order import in_order

    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes.speed", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=available_cores())
    given = parser.parse_args()
    import numpy as np

    draws = stream(1, "movement", "speed")
    rows = 2 * given.rows
    after = np.arange(rows) >= given.rows
    columns, x = {}, np.zeros((rows, NODES))
    for at in range(NODES):
        latent = 0.3 * x[:, max(0, at - 2) : at].sum(axis=1) + draws.normal(size=rows)
        latent = latent * np.where(after & (at % 3 == 0), 1.05, 1.0)
        if at % 3 == 1:
            x[:, at] = np.digitize(latent, (-1.0, -0.3, 0.2, 0.8, 1.5))
            kind = Kind.CATEGORICAL
        else:
            x[:, at], kind = latent, Kind.CONTINUOUS
        columns[f"n{at}"] = Column(
            name=f"n{at}",
            kind=kind,
            values=x[:, at],
            levels=tuple("abcdef") if kind is Kind.CATEGORICAL else (),
        )
    y = x[:, :4].sum(axis=1) + 0.3 * x[:, 0] * x[:, 2] + 0.2 * after + draws.normal(size=rows)
    cluster = draws.integers(0, CLUSTERS, rows)
    nodes = tuple(columns)
    moved = Moved(
        nodes=nodes,
        columns=columns,
        parents={node: nodes[:at] for at, node in enumerate((*nodes, "y"))},
        outcome=Measured(name="y", value=y, weight=np.ones(rows)),
        after=after,
        clusters=(cluster,),
        folds=draws.integers(0, FOLDS, CLUSTERS)[cluster],
    )
    cpu, wall = time.process_time(), time.perf_counter()
    found = in_order(moved, workers=given.workers)
    print(
        f"{rows:,} rows, {len(found.nodes)} nodes, {found.fits} fits, {given.workers} workers: "
        f"{time.process_time() - cpu:.1f} CPU s, {time.perf_counter() - wall:.1f} s; the sum is off "
        f"by {abs(found.estimates.values.sum() - found.move.values[0]):.1e}"
    )


if __name__ == "__main__":
    main()
