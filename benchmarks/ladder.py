"""The ladder of designs on the simulated platform, each against the truth of its own rows.

Run it with ``python -m benchmarks.ladder --seeds 20 --out docs/ladder.md``. Each seed is a world of
the size ``TESTS``; its numbers are kept in ``benchmarks/ladder.jsonl`` as soon as they are there, so
that an interrupted run goes on where it stopped. Production designs use a hashed share of the
requests, exploration designs every exploration request.
"""

from __future__ import annotations

import argparse
import json
import subprocess
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


def _commit() -> str:
    command = ("git", "rev-parse", "--short", "HEAD")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def summary(rows: list[Row]) -> pd.DataFrame:
    """Bias with its Monte Carlo error, standard errors and coverage, by attribute and design."""
    frame = pd.DataFrame([row for row in rows if not row["refusal"]])
    frame["gap"] = frame["estimate"] - frame["truth"]
    frame["inside"] = (frame["ci_low"] <= frame["truth"]) & (frame["truth"] <= frame["ci_high"])
    frame["overlap"] = frame["estimand"] == "ATO"
    groups = frame.groupby(["attribute", "design"], sort=False)
    return pd.DataFrame(
        {
            "truth": groups["truth"].mean(),
            "estimate": groups["estimate"].mean(),
            "bias": groups["gap"].mean(),
            "mc_error": groups["gap"].sem(),
            "std_error": groups["std_error"].mean(),
            "spread": groups["gap"].std(),
            "covered": groups["inside"].mean(),
            "runs": groups["gap"].count(),
            "overlap": groups["overlap"].mean(),
            "rows": groups["rows"].mean(),
        }
    )


def report(rows: list[Row], version: str) -> str:
    """The page, from the rows alone."""
    table_ = summary(rows)
    seeds = len({row["seed"] for row in rows})
    refused = sum(bool(row["refusal"]) for row in rows)
    minutes = sum({(r["seed"], r["design"]): r["cpu_seconds"] for r in rows}.values()) / 60
    parts = [HEAD.format(seeds=seeds, share=f"{SHARE:.0%}", refused=refused, version=version,
                         minutes=f"{minutes:.0f}", users=TESTS.users, days=TESTS.days)]  # fmt: skip
    for attribute in ATTRIBUTES:
        parts.append(f"## {attribute.replace('_', ' ').capitalize()}\n")
        parts.append(COLUMNS)
        own = table_.loc[attribute]
        parts.extend(_line(name, own.loc[name]) for name in LADDER)
        parts.append("")
    parts.append("## What these seeds show\n")
    parts.extend(_findings(table_))
    return "\n".join(parts) + "\n"


HEAD = """# The ladder of designs, against the truth

The simulated platform ([platform.md](platform.md)) in {seeds} worlds of the size `TESTS` ({users:,}
users, {days} days, about 320,000 impressions each). Every design estimates the effect of an attribute,
as users see it, on the click of an impression. `original` has no effect on clicks.

Made by `python -m benchmarks.ladder --seeds {seeds} --out docs/ladder.md` with the package at commit
{version} ({minutes} CPU minutes of fitting). Production designs use a hashed {share} of the requests, exploration
designs every exploration request. Refused estimates: {refused}.

- **truth** is the mean, over seeds, of the closed-form effect of each impression, averaged over the
  rows of the design with the design's own weights: all its rows alike for an average effect, overlap
  weights where overlap was poor (`ATO`), and the squared residual of the attribute within blocks.
- **bias** is the mean of estimate minus truth, ± its Monte Carlo error over seeds.
- **mean error** is the mean reported standard error (two-way clustered by creator and user),
  **spread** the standard deviation of estimate minus truth over seeds.
- **covered** is the share of 95% intervals that hold the truth.
"""
COLUMNS = (
    "| design | truth | estimate | bias | mean error | spread | covered | overlap weights in |\n"
    "|---|---|---|---|---|---|---|---|"
)


def _line(name: str, row: Any) -> str:
    return (
        f"| {name} | {row['truth']:.4f} | {row['estimate']:.4f} | {row['bias']:+.4f} "
        f"± {row['mc_error']:.4f} | {row['std_error']:.4f} | {row['spread']:.4f} | "
        f"{row['covered']:.0%} of {row['runs']:.0f} | {row['overlap']:.0%} of runs |"
    )


def _findings(table_: pd.DataFrame) -> list[str]:
    """Sentences that the numbers alone decide."""
    lines = []
    for name in LADDER:
        own = table_.xs(name, level="design")
        off = own.index[(own["bias"].abs() > 3 * own["mc_error"]).to_numpy()]
        low = own["covered"].min()
        what = (
            f"is off by more than 3 Monte Carlo errors for {', '.join(map(str, off))}"
            if len(off)
            else "is within 3 Monte Carlo errors of the truth for every attribute"
        )
        ratio = (own["std_error"] / own["spread"]).min()
        lines.append(
            f"- **{name}** {what}. At worst its intervals hold the truth in {low:.0%} of the runs, "
            f"and its mean standard error is {ratio:.2f} times the spread."
        )
    lines.append(
        "\nWhy they differ, by how the world is made: better creators make more videos, fewer question "
        "headlines and more original items, and what they make is clicked more; the observed tier "
        "tells only part of that, so adjusting leaves some of it. Comparing within a creator removes "
        "it, but on production traffic the ranker chose which items are shown, and where, by their "
        "attributes and their clicks. Exploration removes the ranker's choice and leaves the "
        "creators. One thing no design here removes: users are tired of what production showed them "
        "more often before, also on exploration traffic."
    )
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("docs/ladder.md"))
    parser.add_argument("--commit", default="", help="what made the kept rows, if not this")
    given = parser.parse_args()
    with threadpool_limits(limits=1):
        for number in range(given.seeds):
            if number not in {row["seed"] for row in kept(KEPT)}:
                lines = [json.dumps(row) for row in climb(number)]
                with KEPT.open("a", encoding="utf-8") as file:
                    file.write("\n".join(lines) + "\n")
    wanted = [row for row in kept(KEPT) if row["seed"] < given.seeds]
    given.out.write_text(report(wanted, given.commit or _commit()), encoding="utf-8")
