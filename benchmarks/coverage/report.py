"""The page docs/coverage.md."""

from __future__ import annotations

from benchmarks.coverage.measures import Coverage


def page(found: list[Coverage], command: str) -> str:
    """The table as Markdown."""
    lines = [
        "# Coverage of 95% intervals",
        "",
        f"Made by `{command}`. Every world has a known truth; most hand the estimators the true",
        "nuisances, those called *learned* fit LightGBM. *Must be* is 95% within three Monte Carlo",
        "errors, or at least that where an interval only promises not to miss (few or unequal",
        "clusters, Fieller, simultaneous). A test covers when it does not reject a true null.",
        "*Abstained* is the share of runs that printed no interval; coverage is over the rest.",
        "",
        "| world | interval | runs | covered | Monte Carlo error | must be | abstained | |",
        "|---|---|---:|---:|---:|---|---:|---|",
    ]
    for each in found:
        bar = "at least 95%" if each.world.least else "95%"
        lines.append(
            f"| {each.world.name} | {each.world.interval} | {each.runs} | {100 * each.covered:.1f}% "
            f"| {100 * each.error:.1f}% | {bar} | {100 * each.abstained:.1f}% "
            f"| {'holds' if each.holds() else 'MISSES'} |"
        )
    return "\n".join(lines) + "\n"
