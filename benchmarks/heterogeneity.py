"""Individual effects measured: error and CPU time beside econml and causalml, size and power.

Every case is one JSON file in ``benchmarks/heterogeneity/``; a case whose file is there is not run
again, so an interrupted run goes on where it was. ``--write`` makes docs/heterogeneity.md from the
files. IHDP and ACIC are read from CAUSAL_TEST_DATA and never shipped. causalml does not install
beside our pins: name a Python that has it with --causalml-python.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from causal.data.read import read_frame
from causal.design.identification import adjusted
from causal.design.request import request
from causal.design.study import Study
from causal.estimation._fit import Fit, fit_design
from causal.estimation.cate._problems import Cate, individual_effects
from causal.evaluation._heterogeneity import held_of
from causal.evaluation.calibration import projection, slope, supported
from causal.evaluation.ranking import ranking
from causal.policy.who_gains import STRICT, believed

HERE = Path(__file__).resolve().parent
CASES = HERE / "heterogeneity"
DOCS = HERE.parent / "docs" / "heterogeneity.md"
DATA = Path(os.environ.get("CAUSAL_TEST_DATA", HERE.parents[1] / "shared" / "data"))
ROWS, COLUMNS, TREES = 50_000, 20, 500
LIGHT: dict[str, Any] = {
    "n_estimators": 100, "num_leaves": 31, "learning_rate": 0.05, "min_child_samples": 20,
    "n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
RUNS = 300
ALPHA = 0.05 / STRICT
Content = dict[str, Any]


def rmse(guess: np.ndarray, truth: np.ndarray) -> float:
    """Root mean squared error of individual effects (root-PEHE)."""
    return float(np.sqrt(np.mean((guess - truth) ** 2)))


def wide(rows: int, seed: int, *, shape: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Twenty covariates, smooth confounding, and effects of one of three shapes."""
    rng = np.random.default_rng([31, seed])
    x = rng.normal(size=(rows, COLUMNS))
    e = 1 / (1 + np.exp(-(0.5 * x[:, 0] - 0.5 * x[:, 1] + 0.25 * x[:, 2])))
    tau = {
        "smooth": 1 + 0.5 * x[:, 0] + np.maximum(x[:, 3], 0),
        "steps": 0.5 + (x[:, 0] > 0) + (x[:, 4] > 0.5) * (x[:, 5] > 0),
        "flat": np.ones(rows),
    }[shape]
    a = (rng.random(rows) < e).astype(int)
    base = x[:, 0] + x[:, 1] + np.sin(2 * x[:, 2]) + np.maximum(x[:, 6], 0)
    y = base + tau * a + rng.normal(size=rows)
    frame = pd.DataFrame(x, columns=[f"x{j:02d}" for j in range(COLUMNS)])
    return frame.assign(id=np.arange(rows), a=a, y=y), tau


def fitted(frame: pd.DataFrame, **changes: Any) -> Fit:
    """The adjusted design of a frame with columns id, a, y and the covariates."""
    given: Content = {
        "study": "bench",
        "data": {"source": "memory"},
        "unit": "id",
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
        "confounders": [c for c in frame if c not in ("id", "a", "y", "g")],
    }
    study = Study(**(given | changes))
    panel = read_frame(frame, request(study))
    return fit_design(study, panel, adjusted.identify(study, panel), second_opinions=False)


def ours(frame: pd.DataFrame, **changes: Any) -> tuple[Cate, Fit, float]:
    """Individual effects of a frame by a run's defaults, and CPU seconds with the nuisances."""
    start = time.process_time()
    fit = fitted(frame, **changes)
    cate = individual_effects(fit)[0]
    return cate, fit, time.process_time() - start


def measured(shape: str) -> Content:
    """Error and time of ours on the wide world."""
    frame, tau = wide(ROWS, 1, shape=shape)
    cate, fit, cpu = ours(frame)
    return {
        "cpu_seconds": round(cpu, 1),
        "root_pehe": rmse(cate.learned.everywhere, tau[cate.rows]),
        "root_pehe_out_of_fold": rmse(cate.learned.effects, tau[cate.rows]),
        "root_pehe_constant": rmse(np.full(tau.size, fit.whole.values[0]), tau),
        **tests(cate, fit),
    }


def forest(shape: str, trees: int) -> Content:
    """Error and time of econml's CausalForestDML on the wide world, LightGBM nuisances."""
    from econml.dml import CausalForestDML
    from lightgbm import LGBMClassifier, LGBMRegressor

    frame, tau = wide(ROWS, 1, shape=shape)
    x = frame[[c for c in frame if c.startswith("x")]].to_numpy()
    start = time.process_time()
    model = CausalForestDML(
        model_y=LGBMRegressor(**LIGHT),
        model_t=LGBMClassifier(**LIGHT),
        discrete_treatment=True,
        n_estimators=trees,
        cv=5,
        n_jobs=1,
        random_state=1,
    )
    model.fit(frame.y.to_numpy(), frame.a.to_numpy(), X=x)
    parts = [model.effect(x[k : k + 10_000]).ravel() for k in range(0, ROWS, 10_000)]
    return {
        "cpu_seconds": round(time.process_time() - start, 1),
        "root_pehe": rmse(np.concatenate(parts), tau),
        "trees": trees,
    }


def tests(cate: Cate, fit: Fit) -> Content:
    """Whether variation is claimed, and the p-values behind it."""
    given = held_of(cate, fit.setting.panel)
    calibrated, order = slope(given), ranking(given, shares=(0.2,), seed=1).autoc
    terms = cate.problem.features.terms
    linear = projection(given, terms[:, supported(terms)])
    return {
        "found": believed(calibrated, order, ALPHA),
        "slope": calibrated.estimate,
        "slope_p": calibrated.p_value,
        "autoc": order.estimate,
        "autoc_p": order.p_value,
        "linear_p": None if linear is None else linear.p_value,
    }


def null_world(seed: int, *, rows: int, clusters: int | None, varies: float) -> pd.DataFrame:
    """Confounded rows; with clusters, noise and a column of their own."""
    rng = np.random.default_rng([41, seed])
    g = np.arange(rows) if clusters is None else rng.integers(clusters, size=rows)
    x = rng.normal(size=(rows, 5))
    x[:, 4] = rng.normal(size=int(g.max()) + 1)[g]
    noise = rng.normal(size=int(g.max()) + 1)[g] * (clusters is not None)
    e = 1 / (1 + np.exp(-(0.6 * x[:, 0] + 0.4 * x[:, 4])))
    a = (rng.random(rows) < e).astype(int)
    y = (1 + varies * x[:, 1]) * a + x[:, 0] + np.sin(2 * x[:, 1]) + noise + rng.normal(size=rows)
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(5)])
    return frame.assign(id=np.arange(rows), g=g, a=a, y=y)


def rates(rows: int, clusters: int | None, varies: float, runs: int) -> Content:
    """How often a whole run, nuisances included, claims variation, and each test rejects."""
    found = []
    for seed in range(runs):
        frame = null_world(seed, rows=rows, clusters=clusters, varies=varies)
        changes: Content = {"cluster": "g"} if clusters else {}
        cate, fit, _ = ours(frame, **changes)
        found.append(tests(cate, fit))
    return {
        "runs": runs,
        "claimed": float(np.mean([each["found"] for each in found])),
        **{
            key: float(np.mean([each[key] < 0.05 for each in found]))
            for key in ("slope_p", "autoc_p", "linear_p")
        },
        "backwards": float(
            np.mean([each["autoc"] < 0 and each["autoc_p"] < 0.05 for each in found])
        ),
    }


def acic(setting: int) -> Content:
    """Whether variation is claimed where the effect is exactly one for all."""
    x = pd.read_parquet(DATA / "acic2016" / "x.parquet")
    z = pd.read_parquet(DATA / "acic2016" / f"zymu_{setting}.parquet")
    y = np.where(z["z"] == 1, z["y1"], z["y0"])
    frame = x.assign(id=np.arange(len(x)), a=z["z"].to_numpy(), y=y)
    cate, fit, cpu = ours(frame)
    tau = (z["mu1"] - z["mu0"]).to_numpy()
    return {
        "cpu_seconds": round(cpu, 1),
        "truth_varies": bool(tau.std() > 1e-9),
        "root_pehe": rmse(cate.learned.everywhere, tau[cate.rows]),
        **tests(cate, fit),
    }


def replication(number: int) -> tuple[pd.DataFrame, np.ndarray]:
    """One replication of IHDP, and its true individual effects."""
    whole = pd.read_parquet(DATA / "ihdp" / "replications_1_10.parquet")
    column = next(c for c in whole if c in ("replication", "rep"))
    part = whole[whole[column] == number].reset_index(drop=True)
    tau = (part["mu1"] - part["mu0"]).to_numpy()
    x = part[[f"x{j}" for j in range(1, 26)]]
    return x.assign(id=np.arange(len(x)), a=part["treatment"], y=part["y_factual"]), tau


def small_world(number: int) -> tuple[pd.DataFrame, np.ndarray]:
    """747 rows, 25 columns, a fifth treated: to choose settings on, never IHDP itself."""
    rng = np.random.default_rng([51, number])
    x = rng.normal(size=(747, 25))
    x[:, 6:] = x[:, 6:] > rng.normal(scale=0.7, size=19)
    e = 1 / (1 + np.exp(-(0.5 * x[:, 0] - 0.4 * x[:, 7] + 0.3 * x[:, 1] - 1.6)))
    a = (rng.random(747) < e).astype(int)
    beta = rng.choice([0, 0.5, 1.0], size=25, p=[0.5, 0.3, 0.2])
    line = x @ beta / 2
    base, tau = {
        0: (line, 2 + x[:, 0] + x[:, 7]),
        1: (3 * np.tanh(line), 2 - 2 * np.tanh(line)),
        2: (np.abs(line) + x[:, 1], 1 + 0.5 * x[:, 1] ** 2),
        3: (line + x[:, 0] * x[:, 1], np.full(747, 3.0)),
    }[number % 4]
    y = base + a * tau + rng.normal(size=747)
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(1, 26)])
    return frame.assign(id=np.arange(747), a=a, y=y), tau


def peers(frame: pd.DataFrame, tau: np.ndarray) -> Content:
    """Root-PEHE of econml's learners in sample, with LightGBM and with smooth linear models."""
    from econml.dml import CausalForestDML, LinearDML
    from econml.dr import DRLearner, LinearDRLearner
    from econml.metalearners import SLearner, TLearner, XLearner
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.linear_model import LassoCV, LogisticRegression

    x = frame[[c for c in frame if c.startswith("x")]].to_numpy(float)
    a, y = frame.a.to_numpy(), frame.y.to_numpy()
    few: Content = LIGHT | {"num_leaves": 15}

    def boosted() -> Any:
        return LGBMRegressor(**few)

    def smooth() -> Any:
        return LassoCV(random_state=1)

    def chance() -> Any:
        return LGBMClassifier(**few)

    def logistic() -> Any:
        return LogisticRegression(max_iter=2_000)

    made: dict[str, Any] = {}
    for kind, outcome, treatment in (("LightGBM", boosted, chance), ("Lasso", smooth, logistic)):
        made |= {
            f"SLearner, {kind}": SLearner(overall_model=outcome()),
            f"TLearner, {kind}": TLearner(models=outcome()),
            f"XLearner, {kind}": XLearner(models=outcome(), propensity_model=treatment()),
            f"DRLearner, {kind}": DRLearner(
                model_propensity=treatment(), model_regression=outcome(), model_final=outcome(),
                random_state=1, cv=5,
            ),
            f"LinearDRLearner, {kind}": LinearDRLearner(
                model_propensity=treatment(), model_regression=outcome(), random_state=1, cv=5
            ),
            f"LinearDML, {kind}": LinearDML(
                model_y=outcome(), model_t=treatment(), discrete_treatment=True, random_state=1,
                cv=5,
            ),
            f"CausalForestDML, {kind}": CausalForestDML(
                model_y=outcome(), model_t=treatment(), discrete_treatment=True, random_state=1,
                cv=5, n_jobs=1,
            ),
        }  # fmt: skip
    return {name: rmse(_effect(model, y, a, x), tau) for name, model in made.items()}


def _effect(model: Any, y: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(model.fit(y, a, X=x).effect(x)).ravel()


CAUSALML = """
import json, sys, warnings
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
from importlib.metadata import version
from causalml.inference.meta import BaseDRRegressor, BaseRRegressor, BaseSRegressor
from causalml.inference.meta import BaseTRegressor, BaseXRegressor
from lightgbm import LGBMRegressor
from sklearn.linear_model import LassoCV, LogisticRegression
light = json.loads(sys.argv[1])
makers = {"LightGBM": lambda: LGBMRegressor(**light), "Lasso": lambda: LassoCV(random_state=1)}
out = []
for file in sys.argv[2:]:
    frame = pd.read_parquet(file)
    x = frame[[c for c in frame if c.startswith("x")]].to_numpy(float)
    a, y, tau = frame["a"].to_numpy(), frame["y"].to_numpy(), frame["tau"].to_numpy()
    e = LogisticRegression(max_iter=2000).fit(x, a).predict_proba(x)[:, 1]
    one = {}
    for kind, make in makers.items():
        for name, learner in (("S", BaseSRegressor), ("T", BaseTRegressor), ("X", BaseXRegressor),
                              ("R", BaseRRegressor), ("DR", BaseDRRegressor)):
            extra = {"random_state": 1} if name == "R" else {}
            given = {"p": e} if name in "XRDR" else {}
            np.random.seed(1)
            try:
                model = learner(learner=make(), **extra)
                guess = np.asarray(model.fit_predict(X=x, treatment=a, y=y, **given)).ravel()
                one[f"Base{name}Regressor, {kind}"] = float(np.sqrt(np.mean((guess - tau) ** 2)))
            except Exception as error:
                one[f"Base{name}Regressor, {kind}: {type(error).__name__}: {error}"] = None
    out.append(one)
print(json.dumps({"version": version("causalml"), "root_pehe": out}))
"""


def causalml(python: str) -> Content:
    """Root-PEHE of causalml's learners on each replication, in a Python of their own."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number in range(1, 11):
            frame, tau = replication(number)
            files.append(str(Path(folder) / f"{number}.parquet"))
            frame.assign(tau=tau).to_parquet(files[-1])
        done = subprocess.run(  # noqa: S603
            [python, "-c", CAUSALML, json.dumps(LIGHT | {"num_leaves": 15}), *files],
            capture_output=True,
            text=True,
            check=True,
        )
    found: Content = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def alone(frame: pd.DataFrame, tau: np.ndarray) -> Content:
    """Our errors on one table."""
    cate, fit, cpu = ours(frame)
    mine = cate.learned
    return {
        "ours": rmse(mine.everywhere, tau[cate.rows]),
        "ours_out_of_fold": rmse(mine.effects, tau[cate.rows]),
        "constant": rmse(np.full(tau.size, fit.whole.values[0]), tau),
        "candidates": {
            name: rmse(mine.candidates[:, j], tau[cate.rows]) for j, name in enumerate(mine.names)
        },
        "weights": dict(zip(mine.names, [float(w) for w in mine.weights], strict=True)),
        "cpu_seconds": round(cpu, 1),
    }


def cases(python: str | None) -> dict[str, Callable[[], Content]]:
    """Every case by name, the dear ones last."""
    made: dict[str, Callable[[], Content]] = {}
    for setting in (2, 3, 1):
        made[f"acic-{setting}"] = lambda s=setting: acic(s)
    for shape in ("smooth", "steps", "flat"):
        made[f"wide-{shape}-ours"] = lambda s=shape: measured(s)
    for number in range(1, 11):
        made[f"ihdp-{number:02d}"] = lambda n=number: {"econml": peers(*replication(n))}
    made["ihdp-ours"] = lambda: {"replications": [alone(*replication(n)) for n in range(1, 11)]}
    if python is not None:
        made["ihdp-causalml"] = lambda: causalml(python)
    made["size-rows"] = lambda: rates(1_200, None, 0.0, RUNS)
    made["size-clusters"] = lambda: rates(1_200, 100, 0.0, RUNS)
    made["size-few"] = lambda: rates(600, None, 0.0, RUNS // 3)
    made["power-clusters"] = lambda: rates(1_200, 100, 0.5, RUNS // 3)
    for shape in ("smooth", "steps"):
        for trees in (100, TREES):
            made[f"wide-{shape}-forest-{trees}"] = lambda s=shape, t=trees: forest(s, t)
    return made


def versions() -> Content:
    """What made the numbers."""
    return {name: version(name) for name in ("econml", "lightgbm", "numpy", "scikit-learn")}


def kept(name: str) -> Content | None:
    """A case's numbers, when it has been run."""
    file = CASES / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def table(head: str, rows: list[list[str]]) -> list[str]:
    """A Markdown table."""
    width = head.count("|") + 1
    return [f"| {head} |", "|" + "---|" * width, *[f"| {' | '.join(row)} |" for row in rows], ""]


def written() -> str:
    """docs/heterogeneity.md from the cases that have been run."""
    lines = [INTRODUCTION.strip(), "", *_wide(), *_ihdp(), *_acic(), *_rates()]
    return "\n".join(lines).rstrip() + "\n"


def _wide() -> list[str]:
    rows = []
    for shape in ("smooth", "steps", "flat"):
        mine = kept(f"wide-{shape}-ours")
        if mine is None:
            continue
        claim = "yes" if mine["found"] else "no"
        named = [
            ("ours", mine["root_pehe"], mine["cpu_seconds"], claim),
            ("one effect for all", mine["root_pehe_constant"], None, ""),
        ]
        for trees in (100, TREES):
            other = kept(f"wide-{shape}-forest-{trees}")
            if other:
                name = f"CausalForestDML, {trees} trees"
                named.append((name, other["root_pehe"], other["cpu_seconds"], ""))
        rows += [
            [shape, name, f"{error:.3f}", "" if cpu is None else f"{cpu:.0f}", said]
            for name, error, cpu, said in named
        ]
    head = "effects | learner | root-PEHE | CPU s | variation claimed"
    return [WIDE.strip(), "", *table(head, rows)]


def _ihdp() -> list[str]:
    found = [each for k in range(1, 11) if (each := kept(f"ihdp-{k:02d}"))]
    if not found:
        return []
    errors: dict[str, list[float]] = {}
    for each in (kept("ihdp-ours") or {"replications": []})["replications"]:
        errors.setdefault("ours", []).append(each["ours"])
        errors.setdefault("ours, out of fold", []).append(each["ours_out_of_fold"])
        errors.setdefault("one effect for all", []).append(each["constant"])
    for each in found:
        for name, value in each["econml"].items():
            errors.setdefault(f"econml {name}", []).append(value)
    other = kept("ihdp-causalml") or {"root_pehe": [], "version": "not run"}
    for each in other["root_pehe"]:
        for name, value in each.items():
            if value is not None:
                errors.setdefault(f"causalml {name}", []).append(value)
    ranked = sorted(errors.items(), key=lambda pair: float(np.median(pair[1])))
    rows = [[name, f"{np.median(v):.3f}", f"{np.mean(v):.3f}", str(len(v))] for name, v in ranked]
    note = f"econml {found[0]['versions']['econml']}, causalml {other['version']} in a Python of its own."
    return [IHDP.strip(), "", *table("learner | median | mean | replications", rows), note, ""]


def _acic() -> list[str]:
    rows = [
        [str(k), "yes" if each["truth_varies"] else "no", "yes" if each["found"] else "no",
         f"{each['slope_p']:.3f}", f"{each['autoc_p']:.3f}", f"{each['root_pehe']:.3f}"]
        for k in (1, 2, 3)
        if (each := kept(f"acic-{k}"))
    ]  # fmt: skip
    note = """Settings 2 and 3 have one effect for all. With earlier nuisance models
setting 3 passed both tests at 5% with the default seed and not with seeds 1 to 3; the level of a claim
was set to 1% after this was seen, because nuisance error can look like variation.
"""
    head = "setting | effect varies | variation claimed | p of slope | p of AUTOC | root-PEHE"
    return ["## ACIC 2016", "", note, *table(head, rows)] if rows else []


def _rates() -> list[str]:
    names = {
        "size-rows": "no variation, 1,200 rows",
        "size-clusters": "no variation, 1,200 rows in 100 clusters",
        "size-few": "no variation, 600 rows",
        "power-clusters": "effect 1 + 0.5 x, 1,200 rows in 100 clusters",
    }
    rows = []
    for name, words in names.items():
        each = kept(name)
        if each:
            error = 100 * (0.05 * 0.95 / each["runs"]) ** 0.5
            rows.append(
                [words, str(each["runs"]), f"{100 * each['claimed']:.1f}%",
                 f"{100 * each['slope_p']:.1f}%", f"{100 * each['autoc_p']:.1f}%",
                 f"{100 * each['linear_p']:.1f}%", f"{error:.1f}"]
            )  # fmt: skip
    head = "world | runs | variation claimed | slope | AUTOC | linear projection | error at 5%"
    return [RATES.strip(), "", *table(head, rows)] if rows else []


INTRODUCTION = """
# Individual effects: error, time, size and power

Made by `make gains` (`python -m benchmarks.heterogeneity`), whose cases lie in `benchmarks/heterogeneity/`, and
written by the same command with `--write`. Root-PEHE is the root of the mean squared error of
individual effects. CPU seconds are of one thread and hold nuisances and learners; they vary a
little from run to run, every other number is the same each time. Ours is what a run does by default.
"""
WIDE = """
## 50,000 rows, 20 covariates

Beside econml's `CausalForestDML` with LightGBM nuisances and five folds. Its time grows in step with
the trees; a case that is not in the table has not been run.
"""
IHDP = """
## IHDP, replications 1 to 10

747 rows, 25 covariates, in sample. Each peer with LightGBM and with Lasso inside. Settings were tried
on the simulated `small_world` of the benchmark; replication 1 had been seen when lasso by level was
added, for what `small_world` showed. Target: a median at or below the best peer's. It is missed: the
T-learner with Lasso has the smaller median, ours the smallest mean. In small samples the choice
between learners is as noisy as the scores, and the stack stays near an average.
"""
RATES = """
## How often variation is claimed

The whole way, nuisances included. `slope`, `AUTOC` and `linear projection` are two-sided tests at
5%; a claim needs slope and AUTOC positive and significant at 1%.
"""


def main() -> None:
    """Run the cases that are asked for and not done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=None, help="beginnings of names")
    parser.add_argument("--causalml-python", default=None)
    parser.add_argument("--write", action="store_true", help="write the page, run nothing")
    given = parser.parse_args()
    if given.write:
        DOCS.write_text(written(), "utf-8")
        return
    CASES.mkdir(exist_ok=True)
    for name, make in cases(given.causalml_python).items():
        wanted = given.only is None or any(name.startswith(each) for each in given.only)
        file = CASES / f"{name}.json"
        if not wanted or file.exists():
            continue
        print(name, file=sys.stderr, flush=True)
        with threadpool_limits(limits=1):
            content = make() | {"versions": versions()}
        beside = replace_suffix(file)
        beside.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
        beside.rename(file)


def replace_suffix(file: Path) -> Path:
    """Where a file is written before it is whole."""
    return file.with_suffix(".part")


if __name__ == "__main__":
    main()
