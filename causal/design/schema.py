"""The study file's JSON Schema, for editors that check and complete as one types."""

from __future__ import annotations

from typing import Any

from causal.design.study import Study


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a study file of ``kind: attributes``.

    Returns
    -------
    dict
        Plain values, in a fixed order.

    Examples
    --------
    >>> schema()["required"]
    ['study', 'data', 'attributes', 'outcomes']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Study.model_json_schema(mode="validation"),
    }
