"""What result.json says of the paths of attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from causal.content.wording import human
from causal.design.study import Study
from causal.evaluation._evaluated import Evaluated
from causal.policy.paths import (
    SPLIT,
    WARNING,
    WARNING_TITLE,
    parts_of,
    split_of,
    split_words,
    support,
)


def paths_content(evaluated: Evaluated, content: Mapping[str, Any]) -> dict[str, Any]:
    """Parts, what they rest on, what the log allows, and the words for them.

    Parameters
    ----------
    evaluated
        With what was found of paths.
    content
        The rest of the result; its effects hold the rows of the parts.
    """
    study, found = evaluated.study, evaluated.paths
    given = study.exposure
    if given is None or found is None:
        raise ValueError("The study does not say how exposure came about.")
    parts = parts_of(content, _amounts(study), given.period)
    pairs = dict.fromkeys((part["attribute"], part["outcome"]) for part in parts)
    splits = [split_of(parts, *pair) for pair in pairs]
    return {
        "rows": "items" if given.ranked is not None else "impressions",
        "period": given.period,
        "parts": parts,
        "sentences": [
            {
                "attribute": split[0]["attribute"],
                "outcome": split[0]["outcome"],
                "words": split_words(content, split),
            }
            for split in splits
            if split
        ],
        "support": support(
            {
                "exploration": evaluated.panel.exploration is not None
                and bool(evaluated.panel.exploration.any()),
                "block": bool(study.block),
                "flipped": bool(given.flipped),
                "cells": given.ranked is not None,
                "monotone": given.monotone,
                "examined": found.examination is not None,
                "stopped": [
                    design
                    for design in SPLIT
                    if all(each["value"] is None for each in parts if each["design"] == design)
                ],
            }
        ),
        "examination": _examination(evaluated),
        "weights": [asdict(each) for each in found.weights],
        "added": [asdict(each) for each in found.added],
        "global_warning": {"title": WARNING_TITLE, "text": WARNING},
    }


def _amounts(study: Study) -> dict[str, str]:
    """What an item has of an outcome, by outcome: impressions that were clicked, not a click rate."""
    if study.exposure is not None and study.exposure.ranked is not None:
        return {each.name: human(each.name) for each in study.outcomes}
    return {
        each.name: f"{human(each.column)} impressions"
        if each.column is not None and each.name != each.column
        else human(each.name)
        for each in study.outcomes
    }


def _examination(evaluated: Evaluated) -> list[dict[str, Any]]:
    found = evaluated.paths
    if found is None or found.examination is None or found.band is None:
        return []
    curve = found.examination
    return [
        {
            "slot": int(slot),
            "value": float(curve.estimates.values[k]),
            "low": float(found.band[k, 0]),
            "high": float(found.band[k, 1]),
        }
        for k, slot in enumerate(curve.slots[1:])
        if not curve.estimates.refusal[k]
    ]
