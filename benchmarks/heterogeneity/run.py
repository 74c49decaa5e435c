"""Every case by name, and running those that are asked for and not done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from threadpoolctl import threadpool_limits

from benchmarks.heterogeneity import kept, ours
from benchmarks.heterogeneity.kept import Content
from benchmarks.heterogeneity.peers import causalml, econml
from benchmarks.heterogeneity.rates import rates
from benchmarks.heterogeneity.worlds import REPLICATIONS

RUNS = 300


def run(only: list[str] | None, causalml_python: str | None) -> None:
    """Run the cases whose name begins with a word of ``only`` (None: all) and keep each."""
    for name, case in cases(causalml_python).items():
        wanted = only is None or any(name.startswith(each) for each in only)
        if not wanted or kept.is_done(name):
            continue
        print(name, file=sys.stderr, flush=True)
        with threadpool_limits(limits=1):
            content = case()
        kept.save(name, content)


def cases(causalml_python: str | None) -> dict[str, Callable[[], Content]]:
    """Every case by name, the dear ones last."""
    made: dict[str, Callable[[], Content]] = {}
    for setting in (2, 3, 1):
        made[f"acic-{setting}"] = partial(ours.on_acic, setting)
    for shape in ("smooth", "steps", "flat"):
        made[f"wide-{shape}-ours"] = partial(ours.on_wide, shape)
    for number in REPLICATIONS:
        made[f"ihdp-{number:02d}"] = partial(econml.on_ihdp, number)
    made["ihdp-ours"] = ours.on_ihdp
    if causalml_python is not None:
        made["ihdp-causalml"] = partial(causalml.on_ihdp, causalml_python)
    made["size-rows"] = partial(rates, 1_200, None, 0.0, RUNS)
    made["size-clusters"] = partial(rates, 1_200, 100, 0.0, RUNS)
    made["size-few"] = partial(rates, 600, None, 0.0, RUNS // 3)
    made["power-clusters"] = partial(rates, 1_200, 100, 0.5, RUNS // 3)
    for shape in ("smooth", "steps"):
        for trees in econml.TREES:
            made[f"wide-{shape}-forest-{trees}"] = partial(econml.forest_on_wide, shape, trees)
    return made
