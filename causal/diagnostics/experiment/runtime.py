"""Has the experiment run as long as planned, and in full weeks."""

from __future__ import annotations

from datetime import date, timedelta

from causal.base.finding import Finding, Status
from causal.diagnostics.experiment._planned import Dated, Planned

MINIMUM = "minimum runtime"
WEEKS = "full weeks"
WEEK = 7


def check(collected: Dated, planned: Planned) -> tuple[Finding, ...]:
    """Count days of exposure against the fewest planned, and against full weeks.

    Too few are a WARN: a young experiment is not a broken one. It is not shipped before its time;
    whether it may be stopped is for the decision's procedure.
    """
    if collected.first is None or collected.last is None:
        return (_undated(planned),) if planned.minimum_days or planned.full_weeks else ()
    days = (collected.last - collected.first).days + 1
    until = earliest(collected.first, collected.last, planned)
    found = []
    if planned.minimum_days:
        short = days < planned.minimum_days
        said = f"Exposure ran {_days(days)}, from {collected.first} to {collected.last}; "
        said += f"at least {_days(planned.minimum_days)} were planned."
        found.append(_finding(MINIMUM, said, days, planned.minimum_days, until if short else None))
    if planned.full_weeks:
        over = days % WEEK
        said = (
            f"Exposure ran {_days(days)}, {over} beyond full weeks: some days of the week count "
            "more often than others."
            if over
            else f"Exposure ran {_days(days)}: full weeks."
        )
        found.append(_finding(WEEKS, said, days, None, until if over else None))
    return tuple(found)


def earliest(first: date, last: date, planned: Planned) -> date:
    """The first last day, from ``last`` on, with the minimum runtime and full weeks.

    >>> plan = Planned(minimum_days=10)
    >>> earliest(date(2026, 3, 2), date(2026, 3, 6), plan)
    datetime.date(2026, 3, 15)
    """
    days = max((last - first).days + 1, planned.minimum_days, 1)
    if planned.full_weeks:
        days = -(-days // WEEK) * WEEK
    return first + timedelta(days=days - 1)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _finding(name: str, said: str, days: int, least: int | None, until: date | None) -> Finding:
    return Finding(
        name=name,
        status=Status.PASS if until is None else Status.WARN,
        meaning=said,
        remedy="" if until is None else f"Wait: it is reached when {until} is in the data.",
        statistic=float(days),
        threshold=None if least is None else float(least),
        ends=until,
    )


def _undated(planned: Planned) -> Finding:
    return Finding(
        name="runtime",
        status=Status.WARN,
        meaning=(
            "The study names no date of exposure, so neither the minimum runtime "
            f"({_days(planned.minimum_days)}) nor full weeks were checked."
        ),
        remedy="Name the column with the first exposure of a unit: exposed_at.",
    )
