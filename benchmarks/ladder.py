"""The ladder of designs on the simulated platform, each against the truth of its own rows.

Run it with ``python -m benchmarks.ladder --seeds 20 --out docs/ladder.md``. Each seed is a world of
the size ``TESTS``; its numbers are kept in ``benchmarks/ladder.jsonl`` as soon as they are there, so
that an interrupted run goes on where it stopped. Production designs use a hashed share of the
requests, exploration designs every exploration request.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from causal.data.panel import FloatArray, Panel
from causal.data.platform import TESTS, Settings, World, simulate
from causal.data.platform.effects import click_effect
from causal.data.platform.randomness import Stream, uniform
from causal.data.platform.tables import impressions
from causal.design.design import LADDER
from causal.design.study import Study
from causal.estimation._fit import fit_design
from causal.estimation._inference import infer
from causal.estimation._scores import Score
from causal.workflow import identify, read_panel

KEPT = Path(__file__).with_suffix(".jsonl")
ATTRIBUTES = {"video": "video", "question_headline": "headline", "original": "original"}
SHARE = 0.2
Row = dict[str, Any]


def study(outcomes: tuple[str, ...]) -> Study:
    """The question, about a click or about columns of truth."""
    return Study.model_validate(
        {
            "study": "ladder",
            "data": {"source": "memory"},
            "unit": "impression_id",
            "cluster": ["creator_id", "user_id"],
            "block": "creator_id",
            "attributes": list(ATTRIBUTES),
            "assignment": "observational",
            "exploration": "explored",
            "outcomes": [{"name": name, "column": name} for name in outcomes],
            "confounders": ["creator_tier", "topic", "weekday", "item_age_days", "market"],
            "modifiers": ["low_bandwidth", "power_user"],
            "mediators": ["position", "times_seen"],
        }
    )


def table(world: World) -> pd.DataFrame:
    """Impressions, with the true effect of each attribute on each."""
    truths = {f"true_{name}": click_effect(world, own) for name, own in ATTRIBUTES.items()}
    return pd.DataFrame({**impressions(world), **truths})


def weights(score: Score) -> FloatArray:
    """What each row counts in the effect a score estimates, shape (rows of the score,).

    A regression within blocks weighs a row by its squared residual of the attribute; the others
    say what they weigh by.
    """
    if score.label.estimator == "within_block":
        return np.divide(score.pull**2, score.weight)
    return score.weight


def answers(panel: Panel, designs: tuple[str, ...], seed: int) -> list[Row]:
    """Estimates of every attribute by each design, beside the truth of the design's own rows."""
    asked = study(("clicked",))
    rows: list[Row] = []
    for design in identify(asked, panel):
        if design.name not in designs:
            continue
        start = time.process_time()
        fit = fit_design(asked, panel, design, second_opinions=False)
        drawn = infer(fit.whole, level=0.95, multiplicity="none", seed=seed, family=design.name)
        for i, label in enumerate(fit.whole.labels):
            score = next(each for each in fit.scores if each.label.attribute == label.attribute)
            true = panel.outcomes[f"true_{label.attribute}"].value[score.rows]
            rows.append(
                {
                    "seed": seed, "design": design.name, "attribute": label.attribute,
                    "estimand": label.estimand, "refusal": fit.whole.refusal[i],
                    "rows": int(score.rows.size), "estimate": float(fit.whole.values[i]),
                    "std_error": float(drawn.std_error[i]), "ci_low": float(drawn.ci_low[i]),
                    "ci_high": float(drawn.ci_high[i]),
                    "truth": float(np.average(true, weights=weights(score))),
                    "truth_all_rows": float(panel.outcomes[f"true_{label.attribute}"].value.mean()),
                    "cpu_seconds": round(time.process_time() - start, 2),
                }
            )  # fmt: skip
    return rows


def climb(seed: int, size: Any = TESTS, share: float = SHARE) -> list[Row]:
    """Every rung in one world."""
    world = simulate(Settings(seed=seed, size=size))
    made = table(world)
    sampled = uniform(seed, Stream.SAMPLE, made["request_id"].to_numpy()) < share
    wide = study(("clicked", *(f"true_{name}" for name in ATTRIBUTES)))
    production = read_panel(wide, made[sampled])
    explored = read_panel(wide, made[made["explored"]])
    return answers(replace(production, exploration=None), LADDER[:3], seed) + answers(
        explored, LADDER[3:], seed
    )


def kept(file: Path) -> list[Row]:
    """Rows of earlier runs."""
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("docs/ladder.md"))
    given = parser.parse_args()
    with threadpool_limits(limits=1):
        for number in range(given.seeds):
            if number not in {row["seed"] for row in kept(KEPT)}:
                lines = [json.dumps(row) for row in climb(number)]
                with KEPT.open("a", encoding="utf-8") as file:
                    file.write("\n".join(lines) + "\n")
