"""The page docs/heterogeneity.md: a pure function of the cases on disk."""

from __future__ import annotations

import numpy as np

from benchmarks.heterogeneity import kept
from benchmarks.heterogeneity.peers.econml import TREES
from benchmarks.heterogeneity.worlds import REPLICATIONS

INTRODUCTION = """
# Individual effects: error, time, size and power

Made by `make gains` (`python -m benchmarks.heterogeneity`), whose cases lie in `benchmarks/heterogeneity/cases/`, and
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
on the simulated `small_world` of the benchmark, never here; replication 1 had been seen when lasso by
level was added, and the first ten when the prior of few rows was made to follow the outcome models.
Target: a median at or below the best peer's.
"""
ACIC = """
## ACIC 2016

Settings 2 and 3 have one effect for all. With earlier nuisance models
setting 3 passed both tests at 5% with the default seed and not with seeds 1 to 3; the level of a claim
was set to 1% after this was seen, because nuisance error can look like variation.
"""
RATES = """
## How often variation is claimed

The whole way, nuisances included. `slope`, `AUTOC` and `linear projection` are two-sided tests at
5%; a claim needs slope and AUTOC positive and significant at 1%.
"""
RATED = {
    "size-rows": "no variation, 1,200 rows",
    "size-clusters": "no variation, 1,200 rows in 100 clusters",
    "size-few": "no variation, 600 rows",
    "power-clusters": "effect 1 + 0.5 x, 1,200 rows in 100 clusters",
}


def page() -> str:
    """The page, from the cases that have been run."""
    lines = [INTRODUCTION.strip(), "", *_wide(), *_ihdp(), *_acic(), *_rates()]
    return "\n".join(lines).rstrip() + "\n"


def errors() -> list[str]:
    """Tables of the error of individual effects, for docs/accuracy.md: lines of Markdown."""
    return [*_wide(), *_ihdp()]


def table(head: str, rows: list[list[str]]) -> list[str]:
    """A Markdown table."""
    width = head.count("|") + 1
    return [f"| {head} |", "|" + "---|" * width, *[f"| {' | '.join(row)} |" for row in rows], ""]


def yes(is_so: object) -> str:
    """A truth in a word."""
    return "yes" if is_so else "no"


def _wide() -> list[str]:
    rows = []
    for shape in ("smooth", "steps", "flat"):
        mine = kept.load(f"wide-{shape}-ours")
        if mine is None:
            continue
        rows += [
            [shape, "ours", f"{mine['root_pehe']:.3f}", f"{mine['cpu_seconds']:.0f}",
             yes(mine["found"])],
            [shape, "one effect for all", f"{mine['root_pehe_constant']:.3f}", "", ""],
        ]  # fmt: skip
        for trees in TREES:
            other = kept.load(f"wide-{shape}-forest-{trees}")
            if other:
                name = f"CausalForestDML, {trees} trees"
                error, seconds = f"{other['root_pehe']:.3f}", f"{other['cpu_seconds']:.0f}"
                rows.append([shape, name, error, seconds, ""])
    head = "effects | learner | root-PEHE | CPU s | variation claimed"
    return [WIDE.strip(), "", *table(head, rows)]


def _ihdp() -> list[str]:
    found = [each for k in REPLICATIONS if (each := kept.load(f"ihdp-{k:02d}"))]
    if not found:
        return []
    other = kept.load("ihdp-causalml") or {"root_pehe": [], "version": "not run"}
    errors = _errors_on_ihdp(found, kept.load("ihdp-ours") or {"replications": []}, other)
    ranked = sorted(errors.items(), key=lambda pair: float(np.median(pair[1])))
    rows = [[name, f"{np.median(v):.3f}", f"{np.mean(v):.3f}", str(len(v))] for name, v in ranked]
    econml = found[0]["versions"]["econml"]
    note = f"econml {econml}, causalml {other['version']} in a Python of its own."
    head = "learner | median | mean | replications"
    return [IHDP.strip(), "", *table(head, rows), _verdict(errors), "", note, ""]


def _verdict(errors: dict[str, list[float]]) -> str:
    """Whether the target is met, and how often ours is nearer than the peer of least median."""
    peers = {name: own for name, own in errors.items() if name.startswith(("econml", "causalml"))}
    if "ours" not in errors or not peers:
        return "The target cannot be judged before ours and the peers have been run."
    best = min(peers, key=lambda name: (float(np.median(peers[name])), name))
    mine, theirs = errors["ours"], peers[best]
    met = float(np.median(mine)) <= float(np.median(theirs))
    nearer = sum(m < t for m, t in zip(mine, theirs, strict=False))
    return (
        f"The target is {'met' if met else 'missed'}: the median is {np.median(mine):.3f} against "
        f"{np.median(theirs):.3f} of {best}; ours is nearer in {nearer} of {len(mine)} "
        f"replications, and its mean is {np.mean(mine):.3f} against {np.mean(theirs):.3f}."
    )


def _errors_on_ihdp(
    econml: list[kept.Content], ours: kept.Content, causalml: kept.Content
) -> dict[str, list[float]]:
    errors: dict[str, list[float]] = {}
    for each in ours["replications"]:
        errors.setdefault("ours", []).append(each["ours"])
        errors.setdefault("ours, out of fold", []).append(each["ours_out_of_fold"])
        errors.setdefault("one effect for all", []).append(each["constant"])
    for each in econml:
        for name, value in each["econml"].items():
            errors.setdefault(f"econml {name}", []).append(value)
    for each in causalml["root_pehe"]:
        for name, value in each.items():
            if value is not None:
                errors.setdefault(f"causalml {name}", []).append(value)
    return errors


def _acic() -> list[str]:
    rows = [
        [str(k), yes(each["truth_varies"]), yes(each["found"]),
         f"{each['slope_p']:.3f}", f"{each['autoc_p']:.3f}", f"{each['root_pehe']:.3f}"]
        for k in (1, 2, 3)
        if (each := kept.load(f"acic-{k}"))
    ]  # fmt: skip
    head = "setting | effect varies | variation claimed | p of slope | p of AUTOC | root-PEHE"
    return [ACIC.strip(), "", *table(head, rows)] if rows else []


def _rates() -> list[str]:
    rows = []
    for name, words in RATED.items():
        each = kept.load(name)
        if each:
            error = 100 * (0.05 * 0.95 / each["runs"]) ** 0.5
            rows.append(
                [words, str(each["runs"]), f"{100 * each['claimed']:.1f}%",
                 f"{100 * each['slope_p']:.1f}%", f"{100 * each['autoc_p']:.1f}%",
                 f"{100 * each['linear_p']:.1f}%", f"{error:.1f}"]
            )  # fmt: skip
    head = "world | runs | variation claimed | slope | AUTOC | linear projection | error at 5%"
    return [RATES.strip(), "", *table(head, rows)] if rows else []
