"""The checks, with the queries behind the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.reporting import findings
from causal.reporting._view import Code, Details, Section


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every check; first when one failed that takes an answer off the page."""
    made = findings.section(result)
    if made is None:
        return None
    stops = any(
        each["status"] == "FAIL" and each["blocks"] != "none" for each in result["findings"]
    )
    warned = any(each["status"] != "PASS" for each in result["findings"])
    title = "Checks" if warned and not stops else made.title
    codes = tuple(Code(text=each["text"], label=each["name"]) for each in result["sql"])
    queries = (Details(title="The queries behind these numbers", blocks=codes),) if codes else ()
    return replace(made, order=5 if stops else 90, title=title, blocks=(*made.blocks, *queries))
