"""causalml: its learners on IHDP, in a Python of their own since it does not install beside us."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.heterogeneity.kept import Content
from benchmarks.heterogeneity.peers._lightgbm import FEW_ROWS
from benchmarks.heterogeneity.worlds import REPLICATIONS, ihdp

PROGRAM = Path(__file__).resolve().parent / "_causalml_program.py"


def on_ihdp(python: str) -> Content:
    """Root-PEHE of causalml's learners on each replication of IHDP, and causalml's version."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number in REPLICATIONS:
            frame, tau = ihdp(number)
            files.append(str(Path(folder) / f"{number}.parquet"))
            frame.assign(tau=tau).to_parquet(files[-1])
        # As text, so that this folder, which has a causalml.py, is not where that Python looks.
        done = subprocess.run(  # noqa: S603
            [python, "-c", PROGRAM.read_text("utf-8"), json.dumps(FEW_ROWS), *files],
            capture_output=True,
            text=True,
            check=True,
        )
    found: Content = json.loads(done.stdout.strip().splitlines()[-1])
    return found
