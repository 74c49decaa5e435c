"""Methods: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, figure, human, percent, sentence
from causal.reporting._view import Block, Bullets, Column, Section, Text, table, words


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made."""
    blocks: list[Block] = [Text(text=text) for text in _texts(result)]
    blocks.append(_metrics(result))
    if result["data"]["dropped"]:
        blocks.append(
            Bullets(
                title="Left out",
                items=tuple(
                    f"{sentence(each['reason'])}: {count(each['rows'])}"
                    for each in result["data"]["dropped"]
                ),
            )
        )
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )


def _texts(result: Mapping[str, Any]) -> list[str]:
    analysis, level = result["analysis"], percent(result["study"]["level"])
    texts = [
        "Effects are functions of the means of each arm and stratum. Their errors come from the "
        "covariance of those means by the delta method; degrees of freedom are Satterthwaite's. "
        + (
            "Whole clusters were assigned, so a cluster counts as one draw."
            if analysis["cluster"]
            else "Units were assigned one by one."
        ),
        "p is that of the absolute effect. The relative interval is Fieller's, with the same "
        "degrees of freedom, so it leaves out zero exactly when the absolute one does; where the "
        "control is not distinguishable from zero there is none.",
        _decides(analysis, level),
        "A guardrail passes when the whole interval of its distance to the margin is on the good "
        "side: treated less the control's level with the margin taken off, with a variance of its "
        "own. Alpha is not shared out over guardrails, since each has to pass.",
        "Corrected for selection: the effect under which an estimate that passed the bar would be "
        "below this one in half of the cases (Zhong, Prentice 2008).",
    ]
    texts.extend(_always(result))
    if analysis["strata"]:
        texts.append("Levels are weighted by the strata's shares over all arms.")
    if analysis["adjustment"] != "none" and analysis["covariates"]:
        texts.append(
            {
                "cuped": "Covariates were known before exposure. One set of coefficients from the "
                "scatter over all arms takes out what arms differ in by chance (Deng, Xu, Kohavi, "
                "Walker 2013).",
                "lin": "Covariates were known before exposure. Each arm has coefficients of its "
                "own (Lin 2013).",
            }[analysis["adjustment"]]
        )
    return [*texts, *_added(result)]


def _added(result: Mapping[str, Any]) -> list[str]:
    """What is said only where there is something to say it of."""
    texts = []
    if result.get("impact"):
        texts.append(
            "What it adds up to: the effect times the number of units, taken as it came. The lift of "
            "the total is Fieller's too, since what units would have had untreated is estimated."
        )
    if result.get("projection"):
        texts.append(_PROJECTED)
    told = [each["alpha"] for each in result.get("heterogeneity") or () if "alpha" in each]
    if told:
        texts.append(
            "Who gains: individual effects by models that saw other units only, from doubly robust "
            "scores with the planned shares as probabilities. They are claimed to vary when slope "
            f"and order both hold on units left out, each with p below {percent(told[0])}."
        )
    return texts


def _always(result: Mapping[str, Any]) -> list[str]:
    """How the intervals for display that hold at every look are made, or why there are none."""
    if result["analysis"]["procedure"] == "sequential" or not result["comparisons"]:
        return []
    if not result["analysis"]["planned_units"]:
        return [
            "No interval is valid at every look: the study has no planned number of units, to which "
            "a confidence sequence would be tuned."
        ]
    return [
        "Valid at every look: a confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas "
        "2024) tuned to the planned units, at the units so far; success metrics and arms share alpha "
        "evenly. It is for display."
    ]


_PROJECTED = (
    "The long run, projected: true effects of past experiments are normal around a mean with a "
    "covariance S, and measured with errors of known covariance V. Of an experiment with short-term "
    "effects s and errors W the long-term one is expected at its mean plus b (s less their mean), b "
    "= S_long,short (S_short + W)^-1, so that a noisy experiment is projected nearer to the "
    "average (Tripuraneni and others 2023; Bibaut and others 2024). The interval is over what mean "
    "and S may be, by importance sampling; without any error it is that of least squares."
)


def _decides(analysis: Mapping[str, Any], level: str) -> str:
    return {
        "fixed": f"Fixed horizon: read once. The {level} intervals of success metrics hold for all "
        "of them and all arms at once (the largest |t| under their joint covariance); others are "
        "for display.",
        "sequential": f"Confidence sequence at {level} (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas "
        "2024), tuned to the planned units and frozen; success metrics and arms share alpha evenly.",
        "group sequential": f"Repeated intervals at {level} from the boundaries of Lan, DeMets (1983) "
        f"with {analysis['spending']} spending; success metrics and arms share alpha evenly.",
    }[analysis["procedure"]]


def _metrics(result: Mapping[str, Any]) -> Any:
    columns = (
        Column(label="Metric"),
        Column(label="Role"),
        Column(label="Good is"),
        Column(label="Margin"),
        Column(label="Made of"),
        Column(label="Largest value that counts"),
        Column(label="Missing units", numeric=True),
        Column(label="Window still open", numeric=True),
    )
    rows = [
        (
            words(sentence(human(each["name"]))),
            words(each["role"]),
            words("higher" if each["goal"] == "increase" else "lower"),
            words(_margin(each)),
            words(_made_of(each)),
            words(None if each["cap"] is None else figure(each["cap"], 6)),
            words(str(each["missing"])),
            words(str(each["immature"])),
        )
        for each in result["outcomes"]
    ]
    return table("Metrics", columns, rows)


def _margin(each: Mapping[str, Any]) -> str | None:
    if each["margin"] is not None:
        return percent(each["margin"])
    return None if each["absolute_margin"] is None else figure(each["absolute_margin"])


def _made_of(each: Mapping[str, Any]) -> str:
    if each["denominator"]:
        return f"{each['numerator']} over {each['denominator']}"
    if each["type"] == "quantile":
        return f"quantile {each['quantile']:g}, not adjusted"
    within = f" within {each['days']} days of exposure" if each["days"] else ""
    return f"{each['type'] or each['kind']}{within}"
