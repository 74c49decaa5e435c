"""The checks of the periods and of the shares, with the queries behind the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.reporting import findings
from causal.reporting._view import Code, Details, Section


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every check; first when one failed."""
    made = findings.section(result)
    if made is None:
        return None
    failed = any(each["status"] == "FAIL" for each in result["findings"])
    codes = tuple(Code(text=each["text"], label=each["name"]) for each in result["sql"])
    queries = (Details(title="The queries behind these numbers", blocks=codes),) if codes else ()
    return replace(made, order=10 if failed else 80, blocks=(*made.blocks, *queries))
