"""The queries of a move: rows of both periods by segment, then by what is independent too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.data.asking import Asking
from causal.data.movement.request import MovementRequest, flag_names

JOIN = "\x1f"
MISSING = "\\N"
OTHER = "\\O"


def rows_of(reader: Asking, asked: MovementRequest) -> Any:
    """Rows of the two periods under names of our own.

    ``period`` is 0 before and 1 after; ``t0``, ``b0`` ... are each outcome's numerator and
    denominator, both missing where the outcome is; ``s0`` ... the segment of each way of cutting.
    """
    import ibis

    source = reader.source
    before, after = (_flag(reader, source, name) for name in flag_names())
    chosen: dict[str, Any] = {"before": before, "after": after, "period": after}
    weight = None if asked.weight is None else reader.number(source, asked.weight)
    for i, outcome in enumerate(asked.outcomes):
        if outcome.is_ratio:
            top = reader.number(source, str(outcome.numerator))
            bottom = reader.number(source, str(outcome.denominator))
        else:
            top, bottom = reader.number(source, str(outcome.column)), ibis.literal(1.0)
        if weight is not None and asked.weight != outcome.denominator:
            top, bottom = top * weight, bottom * weight
        there = top.notnull() & bottom.notnull()
        chosen[f"t{i}"] = ibis.ifelse(there, top, ibis.null("float64"))
        chosen[f"b{i}"] = ibis.ifelse(there, bottom, ibis.null("float64"))
    for j, columns in enumerate(asked.segments):
        chosen[f"s{j}"] = label(reader, source, columns)
    for way, name in enumerate(asked.cluster):
        chosen[f"c{way}"] = source[name]
    for who, named in (("user", asked.user), ("creator", asked.creator)):
        if named is not None:
            chosen[who] = source[named]
    return source.select(**chosen)


def _flag(reader: Asking, source: Any, name: str) -> Any:
    import ibis

    return ibis.ifelse(reader.number(source, name).fill_null(0.0) > 0, 1, 0)


def label(reader: Asking, source: Any, columns: Sequence[str]) -> Any:
    """The values of several columns as one text; what is missing has a mark of its own."""
    import ibis

    parts: list[Any] = []
    for name in columns:
        column = source[name]
        if reader.kinds[name] == "boolean":
            number = column.cast("int32") if column.type().is_boolean() else column
            text = ibis.ifelse(number == 1, "true", "false")
            text = ibis.ifelse(column.isnull(), MISSING, text)
        else:
            text = column.cast("string").fill_null(MISSING)
        parts += [ibis.literal(JOIN), text] if parts else [text]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def counted(rows: Any) -> Any:
    """Rows in a period, in both, and in neither."""
    both = (rows["before"] == 1) & (rows["after"] == 1)
    neither = (rows["before"] == 0) & (rows["after"] == 0)
    return rows.aggregate(
        before=rows["before"].sum(),
        after=rows["after"].sum(),
        both=both.cast("int64").sum(),
        neither=neither.cast("int64").sum(),
    )


def within(rows: Any) -> Any:
    """Rows of a period."""
    return rows.filter((rows["before"] == 1) | (rows["after"] == 1))


def frequent(rows: Any, j: int, most: int) -> Any:
    """The segments with the most rows, by their text, and how many rows each has."""
    import ibis

    made = rows.group_by(segment=rows[f"s{j}"]).agg(n=rows.count())
    return made.order_by([ibis.desc("n"), "segment"]).limit(most)


def together(rows: Any, j: int | None, kept: Sequence[str] | None) -> Any:
    """Rows with the ``segment`` they count in; without ``j`` one for all, beyond ``kept`` another."""
    import ibis

    if j is None:
        return rows.mutate(segment=ibis.literal(""))
    text = rows[f"s{j}"]
    if kept is not None:
        text = ibis.ifelse(text.isin(list(kept)), text, OTHER)
    return rows.mutate(segment=text)


def by_segment(rows: Any, outcomes: int) -> Any:
    """Sums and sums of squares of every outcome, by period and segment."""
    made: dict[str, Any] = {}
    for i in range(outcomes):
        top, bottom = rows[f"t{i}"], rows[f"b{i}"]
        made[f"n{i}"] = top.count()
        made[f"t{i}"], made[f"b{i}"] = top.sum(), bottom.sum()
        made[f"tt{i}"], made[f"tb{i}"] = (top * top).sum(), (top * bottom).sum()
        made[f"bb{i}"], made[f"least{i}"] = (bottom * bottom).sum(), bottom.min()
    return (rows.group_by("period", "segment").agg(rows=rows.count(), **made)).order_by(
        "period", "segment"
    )


def deviations(rows: Any, means: Sequence[Sequence[float]]) -> Any:
    """Sums of absolute deviations from each outcome's metric, (outcomes, 2), by period."""
    import ibis

    made = {}
    for i, (before, after) in enumerate(means):
        mean = ibis.ifelse(rows["period"] == 1, after, before)
        made[f"off{i}"] = (rows[f"t{i}"] - mean * rows[f"b{i}"]).abs().sum()
    return rows.group_by("period").agg(**made).order_by("period")


def by_group(rows: Any, key: Any, outcomes: int) -> Any:
    """Sums of every outcome, by group of what is independent, period and segment."""
    made = {f"{part}{i}": rows[f"{part}{i}"].sum() for i in range(outcomes) for part in ("t", "b")}
    return (
        rows.group_by(group=key, period=rows["period"], segment=rows["segment"])
        .agg(**made)
        .order_by("group", "period", "segment")
    )


def pair(rows: Any) -> Any:
    """The pair of both clusters of a row, as one text."""
    import ibis

    return rows["c0"].cast("string") + ibis.literal(JOIN) + rows["c1"].cast("string")


def distinct(rows: Any, names: Mapping[str, Any]) -> Any:
    """How many different values there are of each, over all rows."""
    return rows.aggregate(**{name: column.nunique() for name, column in names.items()})


def people(rows: Any, user: str | None) -> Any:
    """Users by segment; without a user column rows."""
    counted = rows.count() if user is None else rows["user"].nunique()
    return rows.group_by("segment").agg(n=counted).order_by("segment")


def largest(rows: Any) -> Any:
    """The most rows that one creator has in a segment, and all its rows."""
    each = rows.group_by("segment", "creator").agg(n=rows.count())
    return each.group_by("segment").agg(most=each["n"].max(), n=each["n"].sum()).order_by("segment")
