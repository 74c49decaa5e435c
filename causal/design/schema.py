"""The study file's JSON Schema, for editors that check and complete as one types."""

from __future__ import annotations

from typing import Any

from causal.design.kinds import MODELS, TWO_SIDED


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a study file of any kind.

    Returns
    -------
    dict
        Plain values, in a fixed order: those of the kind the file names, an experiment's with arms
        on one side or on two, else those of ``kind: attributes``.

    Examples
    --------
    >>> schema()["then"]["else"]["required"]
    ['study', 'kind', 'data', 'unit', 'arms', 'outcomes']
    """
    parts: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, kind in MODELS.items():
        own[name] = kind.model.model_json_schema(mode="validation", ref_template=_PLACE)
        parts |= own[name].pop("$defs")
    pairs = own.pop(TWO_SIDED)
    own["experiment"] = {"if": _SIDED, "then": pairs, "else": own["experiment"]}
    whole = own.pop("attributes")
    for name in reversed(own):
        named = {"properties": {"kind": {"const": name}}, "required": ["kind"]}
        whole = {"if": named, "then": own[name], "else": whole}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        **whole,
        "$defs": {name: parts[name] for name in sorted(parts)},
    }


_SIDED = {
    "properties": {
        "arms": {"type": "object", "anyOf": [{"required": ["user"]}, {"required": ["creator"]}]}
    },
    "required": ["arms"],
}
_PLACE = "#/$defs/{model}"
