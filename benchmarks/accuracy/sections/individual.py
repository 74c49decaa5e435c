"""Error of individual effects."""

from __future__ import annotations

from benchmarks.heterogeneity.report import errors


def individual() -> str:
    """Error of individual effects, from the cases of the other benchmark, one heading lower."""
    lines = [f"#{line}" if line.startswith("## ") else line for line in errors()]
    text = (
        "## Error of individual effects (CATE)\n\nRoot-PEHE: the root of the mean squared error of "
        "individual effects. More in [heterogeneity.md](heterogeneity.md), whose cases these are."
    )
    return "\n".join([text, "", *lines]) if lines else ""
