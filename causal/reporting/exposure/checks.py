"""The checks of the instrument, with the queries behind the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.reporting._view import Section
from causal.reporting.movement import checks


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every check; first when one failed."""
    made = checks.section(result)
    if made is None or any(each["status"] == "FAIL" for each in result["findings"]):
        return made
    return replace(made, title="What was checked")
