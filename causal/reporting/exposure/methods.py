"""Methods: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, fixed, human, percent, sentence, together
from causal.reporting._view import Block, Bullets, Section, Text


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made."""
    texts = {
        "experiment": _experiment,
        "exploration": _exploration,
        "threshold": _threshold,
    }[result["study"]["design"]](result)
    blocks: list[Block] = [Text(text=text) for text in texts]
    left = [
        f"{sentence(each['reason'])}: {count(each['rows'])}" for each in result["data"]["dropped"]
    ]
    left += result["data"]["notes"]
    if left:
        blocks.append(Bullets(title="Left out", items=tuple(left)))
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )


def _experiment(result: Mapping[str, Any]) -> list[str]:
    study = result["study"]
    level = percent(study["level"])
    several = len(result["first_stage"]) > 1
    test = (
        "With y and d the effects of all arms on the outcome and on exposure, V(b) the covariance "
        "of y \u2212 b d, the set holds every b with (y \u2212 b d)' V(b)\u207b\u00b9 (y \u2212 b d) "
        "within the quantile of F; of one arm it is the set of Fieller (1954)."
        if several
        else "With y and d the effects of the instrument on the outcome and on exposure, the set "
        "holds every b for which y \u2212 b d is within the quantile of t of zero, by its own "
        "standard error."
    )
    texts = [
        f"{test} This is the test of Anderson and Rubin (1949): it holds in {level} of studies "
        "however weak the instrument is. Effects come with their joint covariance from one query.",
        f"F is the squared effect on exposure over its variance{_effective(several)}. From "
        f"{fixed(study['strong'], 0)} on, and only if the set is bounded, the ratio y / d is shown "
        "as an estimate (Staiger, Stock 1997).",
        "The ratio is the mean effect among those whose exposure the instrument moved (Imbens, "
        "Angrist 1994)."
        if result["dose"]["binary"]
        else "Of an exposure in amounts the ratio is the average causal response of a unit (Angrist, "
        "Imbens 1995).",
    ]
    if any(each.get("family", 1) > 1 for each in result["sets"]):
        texts.append(
            "All at once: sets of all outcomes by all arms together are each made at 1 \u2212 \u03b1 / n "
            "(Bonferroni), and so are those of single arms, over arms and outcomes."
        )
    if result["compliers"]:
        texts.append(
            "Means of those moved: the effect on the column times exposure over the effect on "
            "exposure (Abadie 2003), with sets of Fieller."
        )
    if study["adjustment"] != "none":
        texts.append(
            f"Noise that {together(human(name) for name in study['covariates'])} explain is taken "
            f"out ({study['adjustment'].upper() if study['adjustment'] == 'cuped' else 'Lin'})."
        )
    texts.append(_clusters(result))
    return texts


def _exploration(result: Mapping[str, Any]) -> list[str]:
    study, windows = result["study"], result["dose"]["windows"]
    level = percent(study["level"])
    ways = together(human(name) for name in study["cluster"])
    texts = []
    if result["examination"]:
        texts.append(
            "Examination: the mean outcome of a place over that of the first, on exploration rows. "
            f"Intervals of one place alone are sets of Fieller (1954) at {level}; the band holds for "
            "all places at once. Errors are those of sums by "
            + (
                f"{ways} (V1 + V2 \u2212 V12)."
                if len(study["cluster"]) == 2
                else f"{ways or 'row'}."
            )
        )
    if windows:
        texts += [
            f"Instrument: explored rows of an item in its first {windows['first']} periods. Exposure: "
            f"its rows in the first {windows['window']}. Outcome: what came of its rows in the "
            f"{windows['later']} periods after. Items are compared with those of the same stratum "
            "that came in the same period.",
            "The set holds every b for which the sum over clusters of instrument times (y \u2212 b d) "
            "is within the quantile of t of zero, with the variance centred over clusters at that b "
            f"(Anderson, Rubin 1949): it holds in {level} of studies however weak the instrument is. "
            f"From F {fixed(study['strong'], 0)} on an estimate is shown as well.",
        ]
    return texts


def _threshold(result: Mapping[str, Any]) -> list[str]:
    level = percent(result["study"]["level"])
    return [
        "Local lines on both sides of the cutoff with triangular weights; bandwidths for the least "
        f"mean squared error; the {level} interval is centred where bias is taken out and widened for "
        "it (Calonico, Cattaneo, Titiunik 2014, by their package rdrobust).",
        "The density of the score at the cutoff: Cattaneo, Jansson, Ma (2020), by rddensity. Rows "
        "whose score is the cutoff are above it; their number is held against that at each of the "
        "ten scores next to it on either side (binomial). Other ways keep the ratio of the two "
        "bandwidths.",
        _clusters(result) if result["study"]["cluster"] else "Rows are taken as independent.",
    ]


def _effective(several: bool) -> str:  # noqa: FBT001
    return ", of all arms together the effective F (Montiel Olea, Pflueger 2013)" if several else ""


def _clusters(result: Mapping[str, Any]) -> str:
    names = result["study"]["cluster"]
    if not names:
        return "Units are taken as assigned one by one."
    if result["study"]["design"] != "experiment":
        return f"Errors are those of sums by {human(names[0])}."
    return f"Whole clusters were assigned: errors are those of sums by {human(names[0])}."
