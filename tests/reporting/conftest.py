"""A hand-made result, and variants of it, in the form of docs/result.md."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.reporting._browser import CHROMIUM, QUIET

HOSTILE = "</script><img src=x onerror=alert(1)>"
Content = dict[str, Any]

ATTRIBUTES = (
    ("question_mark", "binary", "1 - 0", -0.00097, 0.00013, -0.0031),
    ("digit", "binary", "1 - 0", 0.00060, 0.00015, 0.0011),
    ("second_person", "binary", "1 - 0", 0.00008, 0.00014, 0.0015),
    ("quotation", "binary", "1 - 0", 0.00031, 0.00021, -0.0006),
    ("select", "binary", "1 - 0", -0.00021, 0.00012, -0.0002),
    ("words", "continuous", "16 - 10", 0.00042, 0.00011, 0.0009),
    ("tone", "categorical", "sad - neutral", -0.00012, 0.00018, -0.0020),
    ("tone", "categorical", f"{HOSTILE} - neutral", 0.00022, 0.00020, 0.0004),
    ("großschreibung", "binary", "1 - 0", 0.00004, 0.00010, 0.0006),
)
OUTCOMES = (
    {
        "name": "ctr",
        "role": "success",
        "goal": "increase",
        "margin": None,
        "kind": "ratio",
        "baseline": 0.0152,
        "units": 15234,
        "unit_words": "impressions",
        "numerator": "clicks",
        "denominator": "impressions",
    },
    {
        "name": "hides",
        "role": "guardrail",
        "goal": "decrease",
        "margin": 0.05,
        "kind": "proportion",
        "baseline": 0.0210,
        "units": 15234,
        "unit_words": "packages",
        "numerator": None,
        "denominator": None,
    },
    {
        "name": "shares",
        "role": "secondary",
        "goal": "increase",
        "margin": None,
        "kind": "mean",
        "baseline": 1843.0,
        "units": 15234,
        "unit_words": "packages",
        "numerator": None,
        "denominator": None,
    },
)
FACTORS = {"ctr": 1.0, "hides": -0.35, "shares": 160_000.0}
DESIGNS = (("naive", "descriptive"), ("adjusted", "adjusted"), ("within", "randomized"))


def row(
    attribute: str,
    contrast: str,
    outcome: str,
    design: str,
    identification: str,
    estimate: float,
    error: float,
    baseline: float,
    **more: Any,
) -> Content:
    """One row of effects with everything that follows from its estimate and error."""
    z = estimate / error
    p = math.erfc(abs(z) / math.sqrt(2))
    clear = abs(z) > 2.7
    made = {
        "attribute": attribute,
        "contrast": contrast,
        "outcome": outcome,
        "estimand": "ATE",
        "path": "total",
        "design": design,
        "estimator": "within_block"
        if design == "within"
        else ("aipw" if design == "adjusted" else "difference_in_means"),
        "population": "headlines shown in tests",
        "segment": None,
        "segment_value": None,
        "estimate": estimate,
        "std_error": error,
        "ci_low": estimate - 1.96 * error,
        "ci_high": estimate + 1.96 * error,
        "simultaneous_low": estimate - 2.7 * error,
        "simultaneous_high": estimate + 2.7 * error,
        "p_value": p,
        "p_adjusted": min(1.0, 9 * p),
        "baseline": baseline,
        "relative": estimate / baseline,
        "relative_low": (estimate - 1.96 * error) / baseline,
        "relative_high": (estimate + 1.96 * error) / baseline,
        "units": 15234,
        "clusters": 3120,
        "treated": 2211,
        "effective_units": 9876.5,
        "identification": identification,
        "verdict": ("raises" if estimate > 0 else "lowers") if clear else "no clear effect",
        "why": None,
    }
    return made | more


def _effects() -> list[Content]:
    listed = []
    for design, identification in DESIGNS:
        for outcome in OUTCOMES:
            for place, (name, _, contrast, estimate, error, gap) in enumerate(ATTRIBUTES):
                factor = FACTORS[outcome["name"]] * (
                    1 if outcome["name"] == "ctr" else (0.4 + 0.17 * place) * (-1) ** place
                )
                value = {"naive": gap, "adjusted": (gap + 2 * estimate) / 3}.get(design, estimate)
                wider = {"naive": 1.6, "adjusted": 1.3}.get(design, 1.0)
                listed.append(
                    row(
                        name,
                        contrast,
                        outcome["name"],
                        design,
                        identification,
                        value * factor,
                        abs(error * wider * FACTORS[outcome["name"]]),
                        outcome["baseline"],
                    )
                )
    return listed


def _segments() -> list[Content]:
    listed = []
    values = {
        "weekday": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "year": ["2013", "2014", "2015"],
        "topic": ["news", HOSTILE, "Ökologie"],
    }
    for name, _, contrast, estimate, error, _ in ATTRIBUTES[:4]:
        for segment, levels in values.items():
            cells = []
            for place, level in enumerate(levels):
                shift = error * ((place * 7 + len(name)) % 5 - 2)
                if name == "question_mark" and level == "2015":
                    shift = 6 * error
                hidden = segment == "topic" and place == 2
                one = None if hidden else estimate + shift
                wide = error * math.sqrt(len(levels))
                cells.append(
                    {
                        "segment_value": level,
                        "estimate": one,
                        "std_error": None if hidden else wide,
                        "ci_low": None if hidden else one - 1.96 * wide,
                        "ci_high": None if hidden else one + 1.96 * wide,
                        "simultaneous_low": None if hidden else one - 2.6 * wide,
                        "simultaneous_high": None if hidden else one + 2.6 * wide,
                        "difference": None if hidden else shift,
                        "difference_se": None if hidden else wide * 0.9,
                        "difference_p": None if hidden else math.erfc(abs(shift / wide) / 1.27),
                        "shrunken": None if hidden else estimate + shift / 2,
                        "units": None if hidden else 2100 + 10 * place,
                        "hidden": hidden,
                    }
                )
            p = 0.0004 if (name, segment) == ("question_mark", "year") else 0.31
            listed.append(
                {
                    "attribute": name,
                    "contrast": contrast,
                    "outcome": "ctr",
                    "design": "within",
                    "segment": segment,
                    "tests": {"statistic": 9.2, "df": len(levels) - 1, "p_value": p},
                    "values": cells,
                }
            )
    return listed


def _over_time() -> list[Content]:
    return [
        {
            "attribute": name,
            "contrast": contrast,
            "outcome": "ctr",
            "period": f"{year}-{month:02d}",
            "estimate": estimate * (1 + 0.2 * math.sin(month)),
            "ci_low": estimate - 4 * error,
            "ci_high": estimate + 4 * error,
            "units": 800,
        }
        for name, _, contrast, estimate, error, _ in ATTRIBUTES[:3]
        for year in (2013, 2014)
        for month in range(1, 13, 2)
    ]


def _findings() -> list[Content]:
    def one(name: str, status: str, meaning: str, **more: Any) -> Content:
        made = {
            "name": name,
            "status": status,
            "statistic": None,
            "threshold": None,
            "meaning": meaning,
            "remedy": "",
            "blocks": "none",
            "designs": [],
            "attributes": [],
            "starts": None,
            "ends": None,
            "columns": [],
            "detail": [],
        }
        return made | more

    return [
        one(
            "bundles",
            "WARN",
            "The attributes question_mark and second_person change together in "
            "61% of the blocks in which either changes.",
            statistic=0.61,
            threshold=0.5,
            remedy="Read them together, or study one of them alone.",
            columns=["question_mark", "second_person"],
            detail=[
                {"first": "question_mark", "second": "second_person", "share": 0.61, "blocks": 341}
            ],
        ),
        one(
            "overlap",
            "WARN",
            "For tone, 3.2% of the rows have a propensity below 0.02.",
            statistic=0.032,
            threshold=0.02,
            remedy="Ask for the ATO instead:\n- {name: tone, kind: categorical, estimand: ATO}",
        ),
        one("duplicates", "PASS", "No unit is given twice.", statistic=0, threshold=0),
        one(
            "missingness",
            "PASS",
            "At most 0.2% of a column is missing.",
            statistic=0.002,
            threshold=0.05,
        ),
        one(
            "sample_ratio",
            "PASS",
            "The split agrees with the plan in 4,873 blocks.",
            statistic=0.42,
            threshold=0.001,
        ),
    ]


def _success_model() -> Content:
    rng = np.random.default_rng([7, 11])
    groups = ["story age", "words", "question_mark", "tone", "digit", "weekday", HOSTILE, "select"]
    importance = [
        {
            "group": name,
            "members": [name] if place else ["age_days", "age_weeks"],
            "value": 0.31 * 0.68**place,
            "low": 0.27 * 0.68**place,
            "high": 0.36 * 0.68**place,
            "rank_low": max(1, place),
            "rank_high": place + 2,
            "noise_floor": 0.035,
            "above_floor": 0.31 * 0.68**place > 0.035,
        }
        for place, name in enumerate(groups)
    ]
    swarm = [
        {
            "group": name,
            "bins": [
                {
                    "shap": float(round(center * 0.3 * 0.7**place, 4)),
                    "share": float(share),
                    "level": float(level),
                }
                for center, share, level in zip(
                    np.linspace(-2, 2, 17),
                    rng.dirichlet(np.full(17, 3.0)),
                    np.linspace(0, 1, 17) if place % 2 else np.linspace(1, 0, 17),
                    strict=True,
                )
            ],
        }
        for place, name in enumerate(groups[:6])
    ]
    dependence = [
        {
            "group": "words",
            "x_kind": "continuous",
            "points": [
                {
                    "x": float(x),
                    "shap": 0.1 * math.sin(x / 4),
                    "low": 0.1 * math.sin(x / 4) - 0.03,
                    "high": 0.1 * math.sin(x / 4) + 0.03,
                }
                for x in range(4, 25)
            ],
        },
        {
            "group": "tone",
            "x_kind": "categorical",
            "points": [
                {
                    "x": level,
                    "shap": 0.05 * place - 0.05,
                    "low": 0.05 * place - 0.08,
                    "high": 0.05 * place - 0.02,
                }
                for place, level in enumerate(["glad", "neutral", "sad"])
            ],
        },
    ]
    return {
        "outcome": "ctr",
        "objective": "cross-entropy",
        "metric": "AUC",
        "value": 0.641,
        "rows": 15234,
        "clusters": 3120,
        "units_of_shap": "log-odds",
        "log_loss": 0.0712,
        "calibration": [
            {"predicted": 0.006 + 0.003 * place, "observed": 0.0055 + 0.0031 * place, "share": 0.1}
            for place in range(10)
        ],
        "importance": importance,
        "swarm": swarm,
        "dependence": dependence,
        "correlated": [["age_days", "age_weeks"], ["words", "letters"]],
        "interactions": [{"first": "words", "second": "tone", "value": 0.021}],
    }


def _methods() -> Content:
    edges = [place / 10 for place in range(11)]
    return {
        "overlap": [
            {
                "attribute": name,
                "design": "adjusted",
                "auc": 0.71 + 0.01 * place,
                "share_outside": 0.004,
                "effective_units": 9000 - place,
                "units": 15234,
                "histogram": {
                    "edges": edges,
                    "treated": [1, 2, 5, 9, 12, 15, 11, 7, 4, 1],
                    "control": [3, 8, 14, 15, 11, 8, 5, 3, 1, 0],
                },
            }
            for place, name in enumerate(["question_mark", "digit"])
        ],
        "balance": [
            {
                "attribute": "question_mark",
                "design": "adjusted",
                "term": term,
                "before": before,
                "after": after,
            }
            for term, before, after in [
                ("story_age", 0.31, 0.02),
                ("weekday", -0.12, 0.01),
                ("story_age x weekday", 0.22, 0.13),
                ("predicted outcome", 0.41, 0.03),
            ]
        ],
        "nuisances": [
            {
                "target": "ctr",
                "role": "outcome",
                "metric": "r2",
                "value": 0.31,
                "baseline": 0.0,
                "calibration_slope": 0.98,
            },
            {
                "target": "question_mark",
                "role": "attribute",
                "metric": "AUC",
                "value": 0.71,
                "baseline": 0.5,
                "calibration_slope": 1.01,
            },
        ],
        "estimators": [
            {
                "attribute": "question_mark",
                "contrast": "1 - 0",
                "outcome": "ctr",
                "design": "adjusted",
                "estimand": "ATE",
                "estimator": name,
                "estimate": value,
                "std_error": 0.0002,
                "z": z,
                "status": status,
            }
            for name, value, z, status in [
                ("aipw", -0.0017, None, "PASS"),
                ("inverse_weighting", -0.0019, 1.1, "PASS"),
                ("partially_linear", -0.0012, 2.4, "WARN"),
            ]
        ],
    }


def _agreement() -> list[Content]:
    listed = []
    for name, _, contrast, estimate, error, gap in ATTRIBUTES:
        difference = (gap + 2 * estimate) / 3 - estimate
        z = difference / error
        status = "FAIL" if abs(z) > 3 else "WARN" if abs(z) > 2 else "PASS"
        listed.append(
            {
                "attribute": name,
                "contrast": contrast,
                "outcome": "ctr",
                "first": "within",
                "second": "adjusted",
                "difference": difference,
                "std_error": error,
                "z": z,
                "status": status,
                "compared": "each on its own rows",
                "words": "they disagree beyond sampling error"
                if status != "PASS"
                else "they agree within sampling error",
            }
        )
    return listed


def _marker() -> list[Content]:
    cells = [
        ("question_mark", "act and monitor", "lowers", 3, True),
        ("digit", "lever the model does not see", "raises", 7, False),
        ("tone", "undecided", "no clear effect", 4, True),
        ("select", "drop", "ruled out", 8, False),
        ("words", "act and monitor", "raises", 2, True),
    ]
    effects = {
        name: (contrast, estimate, error)
        for name, _, contrast, estimate, error, _ in reversed(ATTRIBUTES)
    }
    return [
        {
            "attribute": name,
            "contrast": effects[name][0],
            "outcome": "ctr",
            "effect_verdict": verdict,
            "effect": effects[name][1],
            "simultaneous_low": effects[name][1] - 2.7 * effects[name][2],
            "simultaneous_high": effects[name][1] + 2.7 * effects[name][2],
            "shap_rank": rank,
            "above_floor": above,
            "cell": cell,
            "words": "undecided, too imprecise" if cell == "undecided" else cell,
            "detectable": 2.8 * effects[name][2],
        }
        for name, cell, verdict, rank, above in cells
    ]


def complete() -> Content:
    """A result with everything in it."""
    study = {
        "name": "headline-style",
        "kind": "attributes",
        "question": "Which headline attributes raise click-through?",
        "file": "headline-style.yaml",
        "text": f"study: headline-style\nkind: attributes\n# {HOSTILE}\n",
        "hash": "5be1c0ffee42",
        "assignment": "randomized",
        "level": 0.95,
        "multiplicity": "simultaneous",
        "minimum_cell": 50,
        "seed": 20261122,
        "folds": 5,
    }
    data = {
        "source": "packages.parquet",
        "fingerprint": "a91f20b77c",
        "rows_read": 22666,
        "rows": 15234,
        "units": 15234,
        "blocks": 3120,
        "clusters": [{"name": "test_id", "count": 3120}],
        "folds_by": "test_id",
        "starts": "2013-01-24",
        "ends": "2015-04-30",
        "dropped": [{"reason": "left out by 'where'", "rows": 7432}],
        "columns": [
            {"name": name, "role": "attribute", "kind": kind, "missing": 0, "levels": None}
            for name, kind, *_ in ATTRIBUTES[:6]
        ],
    }
    content = {
        "schema": 1,
        "study": study,
        "data": data,
        "versions": {"causal": "0.1.0", "duckdb": "1.4.1", "lightgbm": "4.7.0"},
        "outcomes": [dict(each) for each in OUTCOMES],
        "attributes": [
            {"name": name, "kind": kind, "contrasts": [contrast], "tier": 1, "share": 0.145}
            for name, kind, contrast, *_ in {each[0]: each for each in ATTRIBUTES}.values()
        ],
        "designs": [
            {
                "name": design,
                "identification": identification,
                "population": "headlines shown in tests",
                "claims": design != "naive",
                "headline": design == "within",
                "assumptions": [
                    "Assignment is random within a test."
                    if design == "within"
                    else "Nothing unmeasured differs."
                    if design == "adjusted"
                    else "Nothing: this is the raw gap."
                ],
                "adjustment": {"question_mark": [] if design == "naive" else ["digit", "words"]},
                "refused": {},
                "used": 15234,
                "left_out": {
                    "rows": 431 if design == "within" else 0,
                    "blocks": 122 if design == "within" else 0,
                    "words": "blocks in which no attribute varies",
                },
                "estimators": ["within_block"],
            }
            for design, identification in DESIGNS
        ],
        "columns_in_out": [
            {
                "column": "weekday",
                "role": "modifier",
                "used": True,
                "why": "fixed before the attribute",
            },
            {
                "column": "winner",
                "role": "post_outcome",
                "used": False,
                "why": "comes after the outcome",
            },
            {
                "column": "position",
                "role": "mediator",
                "used": False,
                "why": "on the path from attribute to outcome",
            },
        ],
        "findings": _findings(),
        "effects": _effects(),
        "headline": "within",
        "segments": _segments(),
        "hidden_cells": 4,
        "agreement": _agreement(),
        "success_models": [_success_model()],
        "marker_or_lever": _marker(),
        "over_time": _over_time(),
        "notes": ["Variants of one test share one pool of visitors."],
        **_methods(),
    }
    return decided(content)


def decided(content: Content) -> Content:
    """The content with its decision."""
    from causal.policy.decision import decide

    return content | {"decision": decide(content)}


@pytest.fixture(scope="session")
def whole() -> Content:
    return complete()


@pytest.fixture
def content(whole: Content) -> Content:
    """A result with everything in it, free to change."""
    return copy.deepcopy(whole)


@pytest.fixture
def failed(content: Content) -> Content:
    """The same with a failed sample ratio that stops the page."""
    finding = {
        "name": "sample_ratio",
        "status": "FAIL",
        "statistic": 3.1e-40,
        "threshold": 0.001,
        "meaning": "Randomisation broke from 2013-06-25 to 2014-01-10: 31% of the blocks of that "
        "period fail the split, against 1% expected.",
        "remedy": "Leave the period out by this line of the study file:\n"
        "  where: created_at < '2013-06-25' OR created_at > '2014-01-10'",
        "blocks": "page",
        "designs": [],
        "attributes": [],
        "starts": "2013-06-25",
        "ends": "2014-01-10",
        "columns": ["created_at"],
        "detail": [
            {"month": f"2013-{month:02d}", "blocks": 180 + month, "share_failing": 0.31}
            for month in range(6, 13)
        ],
    }
    content["findings"] = [finding, *content["findings"][:-1]]
    return decided(content)


@pytest.fixture
def small(content: Content) -> Content:
    """One outcome, and no segments, model, time or agreement."""
    for key in (
        "segments",
        "success_models",
        "marker_or_lever",
        "over_time",
        "agreement",
        "estimators",
        "overlap",
        "balance",
        "nuisances",
        "notes",
        "findings",
    ):
        content[key] = []
    content["outcomes"] = content["outcomes"][:1]
    content["effects"] = [
        each
        for each in content["effects"]
        if each["outcome"] == "ctr" and each["design"] == "within"
    ]
    content["designs"] = content["designs"][-1:]
    return decided(content)


@pytest.fixture
def refused(content: Content) -> Content:
    """Two attributes are not estimable, and numbers are missing in places."""
    numbers = [key for key, value in content["effects"][0].items() if isinstance(value, float)]
    for each in content["effects"]:
        if each["attribute"] in ("quotation", "select"):
            each.update(dict.fromkeys([*numbers, "units", "clusters", "treated"]))
            each.update(
                verdict="not estimable",
                identification="not estimable",
                why="overlap: 3% of the rows could have had either value",
            )
        if each["attribute"] == "digit":
            each.update(
                relative=None,
                relative_low=None,
                relative_high=None,
                p_adjusted=None,
                simultaneous_low=None,
                simultaneous_high=None,
                baseline=float("nan"),
            )
    return decided(content)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install Debian's 'chromium' to run this test")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()
