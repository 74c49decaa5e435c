"""Published answers: twenty cases with a known effect, frozen before anything was run on them.

A case names its table, attribute, outcome, the columns held fixed and what counts as a hit. Every
case is run once with the default settings. A case the package refuses is a miss, listed as such.
The tables are not shipped: they are looked for where the tests look (``CAUSAL_TEST_DATA``).
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, study
from benchmarks.accuracy.peers._fitted import run as fitted

ROOT = Path(__file__).resolve().parents[2]
NEEDED = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One published answer.

    ``derive`` are columns by pandas expressions and ``where`` the rows kept. What counts as a hit
    is one of three. ``truth``: the published number lies in the 95% interval. ``band``: the
    interval meets the published range. ``effect``: the data were generated with a known effect of
    every row, this expression; its average over the population the answer names lies in the
    interval. That average weighs rows as the package's own score does: equally for ATE, by
    (a - e)^2 with the package's own e for ATO, since the generators' propensities are not given.
    """

    name: str
    files: tuple[str, ...]
    attribute: str
    outcome: str
    source: str
    confounders: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    assignment: str = "observational"
    truth: float | None = None
    band: tuple[float, float] | None = None
    effect: str = ""
    where: str = ""
    derive: tuple[tuple[str, str], ...] = ()

    @property
    def rule(self) -> str:
        """What counts as a hit, in words."""
        if self.truth is not None:
            return f"holds {self.truth:,.6g}"
        if self.band is not None:
            return f"meets {self.band[0]:,.6g} to {self.band[1]:,.6g}"
        return "holds the mean known effect"

    def held(self, table: pd.DataFrame) -> list[str]:
        """The columns held fixed: those named, else all that are not left out."""
        out = {self.attribute, self.outcome, *self.left_out}
        return list(self.confounders) or [name for name in table.columns if name not in out]


JOBS = ("age", "education", "black", "hispanic", "married", "nodegree")
CASES = (
    Case(
        name="NSW",
        files=("lalonde/nsw",),
        attribute="treat",
        outcome="re78",
        confounders=(*JOBS, "re75"),
        assignment="randomized",
        truth=886.3,
        source="experimental difference (LaLonde 1986)",
    ),
    Case(
        name="NSW, Dehejia-Wahba",
        files=("lalonde/nsw_dw",),
        attribute="treat",
        outcome="re78",
        confounders=(*JOBS, "re74", "re75"),
        assignment="randomized",
        truth=1794.3,
        source="experimental difference (Dehejia, Wahba 1999)",
    ),
    Case(
        name="401(k)",
        files=("pension_401k/sipp1991",),
        attribute="e401",
        outcome="net_tfa",
        confounders=("age", "inc", "educ", "fsize", "marr", "twoearn", "db", "pira", "hown"),
        band=(7823.0, 9371.0),
        source="DoubleML's published estimates, by learner",
    ),
    Case(
        name="Penn bonus, group 4 against 0",
        files=("penn_bonus/penn_jae",),
        attribute="bonus",
        outcome="log_duration",
        derive=(("bonus", "(tg == 4) * 1"), ("log_duration", "log(inuidur1)")),
        where="tg == 0 or tg == 4",
        confounders=(
            "female",
            "black",
            "othrace",
            "dep",
            "q2",
            "q3",
            "q4",
            "q5",
            "q6",
            "recall",
            "agelt35",
            "agegt54",
            "durable",
            "lusd",
            "husd",
        ),
        assignment="randomized",
        truth=-0.0855,
        source="experimental difference of log durations",
    ),
    *(
        Case(
            name=f"RealCause {name}, draw 0",
            files=(f"realcause/{file}_sample0",),
            attribute="t",
            outcome="y",
            left_out=("y0", "y1", "ite"),
            effect="ite",
            source="generative model fitted to real data (Neal et al. 2020)",
        )
        for name, file in (
            ("LaLonde PSID", "lalonde_psid"),
            ("LaLonde CPS", "lalonde_cps"),
            ("twins", "twins"),
        )
    ),
    *(
        Case(
            name=f"ACIC 2016, setting {number}",
            files=("acic2016/x", f"acic2016/zymu_{number}"),
            attribute="z",
            outcome="y",
            derive=(("y", "z * y1 + (1 - z) * y0"),),
            left_out=("y0", "y1", "mu0", "mu1"),
            effect="mu1 - mu0",
            source="simulated outcomes on real covariates (Dorie et al. 2019)",
        )
        for number in (1, 2, 3)
    ),
    *(
        Case(
            name=f"IHDP, replication {number}",
            files=("ihdp/replications_1_10",),
            attribute="treatment",
            outcome="y_factual",
            where=f"replication == {number}",
            left_out=("replication", "y_cfactual", "mu0", "mu1"),
            effect="mu1 - mu0",
            source="simulated outcomes on a trial made observational (Hill 2011)",
        )
        for number in range(1, 11)
    ),
)


def data_folder() -> Path | None:
    """Where the tables are, or None."""
    folder = Path(os.environ.get("CAUSAL_TEST_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def table(case: Case, folder: Path) -> pd.DataFrame:
    """The rows of a case, with what is derived."""
    parts = [pd.read_parquet(folder / f"{file}.parquet") for file in case.files]
    whole = pd.concat(parts, axis=1)
    for name, expression in case.derive:
        whole[name] = whole.eval(expression)
    if case.where:
        whole = whole.query(case.where)
    return whole.reset_index(drop=True)


def ask(case: Case, whole: pd.DataFrame) -> dict[str, Any]:
    """Run a case with the defaults and judge it."""
    held = case.held(whole)
    asked = study("published", [case.attribute], held, assignment=case.assignment)
    asked["outcomes"] = [{"name": "y", "column": case.outcome}]
    frame = whole[[*held, case.attribute, case.outcome]].astype({case.attribute: int})
    made = fitted(Drawn(frame=frame, study=asked, truth={}))
    row, score = made.effects[0], made.fit.scores[0]
    truth = case.truth
    if case.effect and score.rows.size:
        effect = np.asarray(whole.eval(case.effect), dtype=float)
        truth = float(np.average(effect[score.rows], weights=score.weight))
    low, high = row["ci_low"], row["ci_high"]
    return {
        "everyone": everyone(case, whole),
        "case": case.name,
        "rule": case.rule,
        "source": case.source,
        "rows": len(whole),
        "columns": len(held),
        "estimand": row["estimand"],
        "truth": truth,
        "estimate": row["estimate"],
        "low": low,
        "high": high,
        "refused": row["why"],
        "hit": _hit(case, truth, low, high),
        "noticed": sorted(
            f"{f.name}: {f.status.value}" for f in made.findings if f.status.value != "PASS"
        ),
    }


def everyone(case: Case, whole: pd.DataFrame) -> float | None:
    """The mean known effect over all rows, where there is one."""
    if not case.effect:
        return None
    return float(np.mean(np.asarray(whole.eval(case.effect), dtype=float)))


def _hit(case: Case, truth: float | None, low: Any, high: Any) -> bool:
    if low is None or high is None:
        return False
    if case.band is not None:
        return bool(low <= case.band[1] and high >= case.band[0])
    return truth is not None and bool(low <= truth <= high)


def run(file: Path) -> None:
    """Ask every case once and write the answers; without the tables, say so and write nothing."""
    folder = data_folder()
    if folder is None:
        print("the published cases are left out: set CAUSAL_TEST_DATA", file=sys.stderr)
        return
    found = [ask(case, table(case, folder)) for case in CASES]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
