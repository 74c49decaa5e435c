"""The study file's JSON Schema, for editors that check and complete as one types."""

from __future__ import annotations

from typing import Any

from causal.design.experiment import Experiment
from causal.design.study import Study
from causal.design.two_sided import TwoSided


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a study file of any kind.

    Returns
    -------
    dict
        Plain values, in a fixed order: those of ``kind: experiment`` when the file says so, with
        arms on one side or on two, else those of ``kind: attributes``.

    Examples
    --------
    >>> schema()["else"]["required"]
    ['study', 'data', 'attributes', 'outcomes']
    >>> schema()["then"]["else"]["required"]
    ['study', 'kind', 'data', 'unit', 'arms', 'outcomes']
    """
    attributes = Study.model_json_schema(mode="validation", ref_template=_PLACE)
    experiment = Experiment.model_json_schema(mode="validation", ref_template=_PLACE)
    pairs = TwoSided.model_json_schema(mode="validation", ref_template=_PLACE)
    parts = {**attributes.pop("$defs"), **experiment.pop("$defs"), **pairs.pop("$defs")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "if": {"properties": {"kind": {"const": "experiment"}}, "required": ["kind"]},
        "then": {"if": _SIDED, "then": pairs, "else": experiment},
        "else": attributes,
        "$defs": {name: parts[name] for name in sorted(parts)},
    }


_SIDED = {
    "properties": {
        "arms": {"type": "object", "anyOf": [{"required": ["user"]}, {"required": ["creator"]}]}
    },
    "required": ["arms"],
}
_PLACE = "#/$defs/{model}"
