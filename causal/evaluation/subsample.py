"""Subsample: parts of the data must tell of an effect what sampling error lets them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import IntArray, Panel
from causal.estimation._estimates import Estimates, Size
from causal.estimation._fit import Fit
from causal.estimation._inference import all_equal
from causal.estimation._scores import FEW, Segments, estimate
from causal.evaluation._chance import WARN_Z, limit
from causal.evaluation._evaluated import Evaluated, once_a_fit
from causal.evaluation._verdict import Effect, Verdict, effect_of, named, usable

MOST_OF_ONE = 0.5


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when parts of the data differ by more, or by less, than chance lets them.

    The parts are the folds, the earlier and the later half, and smaller and larger clusters. Each
    part keeps its scores: nothing is fitted again. WARN too when one cluster makes most of the
    variance. Parts that are too alike say that one part holds copies of another.
    """
    fit = evaluated.leading
    found = verdicts(fit)
    if not found:
        return ()
    effect, worst = max(
        found.items(), key=lambda pair: (pair[1].status == "WARN", pair[1].statistic or 0.0)
    )
    bad = tuple(dict.fromkeys(e[0] for e, v in found.items() if v.status == "WARN"))
    return (
        Finding(
            name="subsample",
            status=Status.WARN if bad else Status.PASS,
            statistic=worst.statistic,
            threshold=limit(WARN_Z, _comparisons(found)),
            meaning=f"In the {fit.design.name} design parts of the data were compared, "
            f"{_comparisons(found)} times. The least stable: {named(effect)}. {worst.words}",
            remedy="Look at the effect over time and by segment: it is an average of unlike "
            "effects, or of fewer clusters than it seems."
            if bad
            else "",
            columns=bad,
        ),
    )


def _comparisons(found: dict[Effect, Verdict]) -> int:
    return int(sum(int(verdict.numbers["comparisons"] or 0) for verdict in found.values()))


@once_a_fit
def verdicts(fit: Fit) -> dict[Effect, Verdict]:
    """The least likely difference between parts, for every effect of a design."""
    panel = fit.setting.panel
    cuts = parts(panel, folds=fit.nuisances is not None)
    printed = usable(fit)
    tests: dict[int, list[tuple[float, str, Estimates]]] = {j: [] for j in printed}
    for cut in cuts:
        for j in printed:
            split = estimate((replace(fit.scores[j], segments=cut, refusal=""),), panel)
            size = _surprise(split)
            if np.isfinite(size):
                tests[j].append((size, cut.name, split))
    compared = sum(len(each) for each in tests.values())
    return {effect_of(fit, j): _verdict(fit, j, tests[j], compared) for j in printed}


def parts(panel: Panel, *, folds: bool) -> tuple[Segments, ...]:
    """Ways of cutting the rows by whole clusters that have nothing to do with the outcome."""
    found = []
    if folds:
        codes = np.unique(panel.folds, return_inverse=True)[1].astype(np.int64)
        levels = tuple(f"fold {fold + 1}" for fold in range(int(codes.max(initial=0)) + 1))
        found.append(Segments(name="folds", codes=codes, levels=levels))
    if panel.time is not None:
        later = _later(panel)
        if later is not None:
            found.append(Segments(name="time", codes=later, levels=("earlier", "later")))
    size = np.bincount(panel.clusters[0])[panel.clusters[0]]
    if size.min(initial=1) < size.max(initial=1):
        large = (size > np.median(size)).astype(np.int64)
        if 0 < large.sum() < large.size:
            levels = ("in smaller clusters", "in larger clusters")
            found.append(Segments(name="size of clusters", codes=large, levels=levels))
    return tuple(found)


def _later(panel: Panel) -> IntArray | None:
    """1 for rows of the later half, -1 where time is unknown."""
    if panel.time is None:
        return None
    known = ~np.isnat(panel.time)
    if not known.any():
        return None
    stamp = panel.time.astype("datetime64[s]").astype(np.int64)
    later = np.where(known, stamp > np.median(stamp[known]), -1).astype(np.int64)
    return later if {0, 1} <= set(np.unique(later).tolist()) else None


def _surprise(split: Estimates) -> float:
    """How unlikely the differences between parts are, too large or too small, as a deviate."""
    from scipy.stats import norm

    answered = np.array([j for j, why in enumerate(split.refusal) if not why], dtype=np.int64)
    if answered.size < 2 or any(_few(split.sizes[j]) for j in answered):
        return float("nan")
    p = all_equal(split.select(answered)).p_value
    if not np.isfinite(p):
        return float("nan")
    return float(norm.isf(max(min(p, 1 - p), 1e-300)))


def _few(size: Size) -> bool:
    """Whether a part has too few rows on one side for its error to be told."""
    return size.treated is not None and min(size.treated, size.units - size.treated) < FEW


def _verdict(fit: Fit, j: int, tests: list[tuple[float, str, Estimates]], compared: int) -> Verdict:
    share = _largest(fit, j)
    numbers: dict[str, str | float | None] = {"comparisons": len(tests), "one_cluster": share}
    if share > MOST_OF_ONE:
        one = "cluster" if fit.setting.study.cluster else "row"
        return Verdict(
            check="subsample",
            status="WARN",
            statistic=share,
            words=f"One single {one} makes {100 * share:.0f}% of its variance: it is the story of "
            f"that {one}.",
            numbers=numbers,
        )
    if not tests:
        words = "Too few clusters or rows to compare parts of the data."
        return Verdict(check="subsample", status=None, words=words, numbers=numbers)
    size, name, split = max(tests, key=lambda each: (each[0], each[1]))
    numbers |= {"parts": name, "lowest": float(np.nanmin(split.values))}
    numbers |= {"highest": float(np.nanmax(split.values))}
    apart = size > limit(WARN_Z, compared)
    alike = apart and all_equal(split).p_value > 0.5
    return Verdict(
        check="subsample",
        status="WARN" if apart else "PASS",
        statistic=size,
        words="Parts of the data ("
        + ", ".join(each[1] for each in tests)
        + ")"
        + (
            " differ no more than sampling error lets them."
            if not apart
            else f" are more alike by {name} than independent parts can be: look for copies."
            if alike
            else f" differ by {name} more than sampling error lets them."
        ),
        numbers=numbers,
    )


def _largest(fit: Fit, j: int) -> float:
    """The largest share that one cluster has in the variance of an estimate."""
    way = fit.whole.ways[0]
    pulls = np.bincount(way, weights=fit.whole.influence[:, j]) ** 2
    return float(pulls.max() / max(pulls.sum(), 1e-300))
