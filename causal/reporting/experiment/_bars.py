"""What each line around an estimate is, and which one decides."""

from __future__ import annotations

from causal.policy.evidence import Made
from causal.reporting.experiment._rows import Row, greyed, shared


def unjudged(result: Row, role: str) -> bool:
    """Whether no verdict reads metrics of a role: the page has none, or none on a difference."""
    return greyed(result) or (shared(result) and role != "guardrail")


def by(result: Row, rows: list[Row], what: str) -> str:
    """Name the number that decides; elsewhere it is the procedure's, and nothing is decided by it."""
    return f"{what} that decides" if _judged(result, rows) else f"{what} of the procedure"


def held(rows: list[Row]) -> bool:
    """Whether there is an interval valid at every look beside the one of the procedure."""
    return any(row.get("relative_always") is not None for row in rows)


def sequential(rows: list[Row]) -> bool:
    """Whether the interval of the procedure is itself valid at every look."""
    return bool(rows[0]["method"] == Made.CONFIDENCE_SEQUENCE)


def legend(result: Row, role: str, rows: list[Row]) -> str:
    """Say what the marks of a forest are."""
    if greyed(result):
        return "Line: interval of one comparison, as if the experiment were valid."
    what = "difference" if unjudged(result, role) else "effect"
    zone = " Shaded: worse than the margin allows." if role == "guardrail" else ""
    return f"Filled dot: clear {what}. {_lines(result, rows)}{zone}"


def _judged(result: Row, rows: list[Row]) -> bool:
    return bool(rows[0]["decisive"]) and not unjudged(result, rows[0]["role"])


def _lines(result: Row, rows: list[Row]) -> str:
    method = rows[0]["method"]
    decides = "; it decides" if _judged(result, rows) else ""
    display = "; for display"
    end = "the planned end" if result["analysis"]["planned_units"] else "the end"
    once = f"read once, at {end}"
    dashed = f" Dashed: valid at every look{display}." if held(rows) else ""
    if method == Made.POINTWISE:
        return f"Solid line: {once}{decides}.{dashed}"
    if method == Made.CONFIDENCE_SEQUENCE:
        return f"Dashed line: valid at every look{decides}. Solid: as if {once}{display}."
    if method == Made.GROUP_SEQUENTIAL:
        return f"Thin line: allows for the planned looks{decides}. Thick: as if {once}{display}.{dashed}"
    return (
        f"Solid lines: {once}; thick: one comparison alone; thin: all success metrics and arms at "
        f"once{decides}.{dashed}"
    )
