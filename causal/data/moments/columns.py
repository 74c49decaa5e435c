"""What metrics need: the number read of each unit, the columns of the moments, and their pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Literal

from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.request import ExperimentRequest
from causal.data.moments.rows import SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One number of each unit, as it is in its table.

    ``aggregate`` makes one number of a unit's rows; ``known`` is for what every row repeats. ``at``
    is the time of a row and ``days`` how many count after exposure; ``empty`` is the number of a
    unit without a row in a further table, None when it is not known.
    """

    column: str
    table: str | None = None
    aggregate: Literal["sum", "mean", "max", "count", "known"] = "sum"
    at: str | None = None
    days: int | None = None
    empty: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a metric of a unit counts: every number known, and its days over."""

    known: tuple[Raw, ...]
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the moments.

    A value is ``raw``, at most ``cap``, and 0 outside its ``window``; without ``raw`` it is 1
    within the window and 0 outside. Without a window it is a covariate, 0 where not known.
    """

    key: str
    raw: Raw | None
    window: Window | None = None
    cap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Columns, the pairs of their places whose products are needed, and the metrics made of them.

    ``windows`` has one for each metric that moments can give, in the order of ``readings``.
    """

    columns: tuple[Column, ...]
    pairs: tuple[tuple[int, int], ...]
    readings: tuple[Reading, ...]
    windows: tuple[Window, ...]

    @property
    def raws(self) -> tuple[Raw, ...]:
        """Every number that is read of a unit, each once."""
        named = [column.raw for column in self.columns]
        for window in self.windows:
            named += window.known
        return tuple(dict.fromkeys(raw for raw in named if raw is not None))


def wanted(
    asked: ExperimentRequest, *, caps: Mapping[str, float], partial: Collection[str]
) -> Wanted:
    """Say which columns and products the metrics of an experiment need.

    Parameters
    ----------
    caps
        The largest value that counts, by metric.
    partial
        Metrics that some units do not have: known values are then set against how many are known.

    Returns
    -------
    Wanted
        Keys: ``y:metric`` (or a numerator), ``d:metric`` (a denominator), ``u:metric`` (without its cap, of metrics that decide), ``m:metric`` (how many
        are known), ``x:column`` (a covariate) and, where clusters were assigned, ``size``. A column
        that two metrics share has the key of the first. Products of all success metrics and their
        covariates are needed jointly, and of those asked for together; of others for each alone.
    """
    columns: dict[tuple[object, ...], Column] = {}
    readings, windows, groups = [], [], []
    family: list[str] = []
    together: list[str] = []
    for metric in asked.metrics:
        if metric.type is Type.QUANTILE:
            continue
        window = window_of(asked, metric)
        own = _of_metric(metric, window, caps.get(metric.name), metric.name in partial)
        own += [
            Column(key=f"x:{name}", raw=Raw(column=name, aggregate="known"))
            for name, served in asked.covariates.items()
            if metric.name in served
        ]
        keys = [_shared(columns, column) for column in own]
        reading = _reading(asked, metric, own, keys)
        readings.append(reading)
        windows.append(window)
        groups.append(keys)
        family += keys if metric.role is Role.SUCCESS else ()
        together += keys if metric.name in asked.together else ()
    listed = tuple(columns.values())
    groups += [family, together, [column.key for column in listed if column.window is None]]
    order = [column.key for column in listed] + ([SIZE] if asked.cluster else [])
    return Wanted(
        columns=listed,
        pairs=_pairs(groups, order),
        readings=tuple(readings),
        windows=tuple(windows),
    )


def raw_columns(asked: ExperimentRequest, metric: Metric) -> tuple[Raw, ...]:
    """The numbers a metric is made of: one, or numerator and denominator."""
    per_unit = asked.rows == "unit" and metric.table is None
    retained = metric.type is Type.RETENTION
    days = None if per_unit or retained else metric.days
    aggregate = metric.aggregate
    if retained and "aggregate" not in metric.model_fields_set:
        aggregate = "max"
    zero = retained or aggregate in ("sum", "count")
    return tuple(
        Raw(
            column=column,
            table=metric.table,
            aggregate="known" if per_unit else aggregate,
            at=metric.at if metric.table else asked.time if days else None,
            days=days,
            empty=0.0 if metric.table and zero else None,
        )
        for column in metric.columns
    )


def window_of(asked: ExperimentRequest, metric: Metric) -> Window:
    """When a metric of a unit counts."""
    return Window(known=raw_columns(asked, metric), days=metric.days)


def _of_metric(metric: Metric, window: Window, cap: float | None, partial: bool) -> list[Column]:  # noqa: FBT001
    name, raws = metric.name, window.known
    made = [Column(key=f"y:{name}", raw=raws[0], window=window, cap=cap)]
    if cap is not None and metric.role in (Role.SUCCESS, Role.GUARDRAIL):
        made.append(Column(key=f"u:{name}", raw=raws[0], window=window))
    if metric.is_ratio:
        made.append(Column(key=f"d:{name}", raw=raws[1], window=window))
    elif partial or window.days is not None:
        made.append(Column(key=f"m:{name}", raw=None, window=window))
    return made


def _shared(columns: dict[tuple[object, ...], Column], column: Column) -> str:
    content = (column.raw, column.window, column.cap)
    return columns.setdefault(content, column).key


def _reading(
    asked: ExperimentRequest, metric: Metric, own: list[Column], keys: list[str]
) -> Reading:
    size = SIZE if asked.cluster else None
    free = [key for key, column in zip(keys, own, strict=True) if column.key[:2] == "u:"]
    level = [
        key
        for key, column in zip(keys, own, strict=True)
        if column.window is not None and column.key[:2] != "u:"
    ]
    covariates = [key for key, column in zip(keys, own, strict=True) if column.window is None]
    masked = size is not None and len(level) > 1 and not metric.is_ratio
    denominator = level[1] if len(level) > 1 else size
    return Reading(
        metric=metric.name,
        level=Part(numerator=level[0], denominator=denominator),
        uncapped=Part(numerator=free[0], denominator=denominator) if free else None,
        covariates=tuple(Part(numerator=key, denominator=size) for key in covariates),
        known=Part(numerator=level[1], denominator=size) if masked else None,
    )


def _pairs(groups: list[list[str]], order: list[str]) -> tuple[tuple[int, int], ...]:
    place = {key: i for i, key in enumerate(order)}
    size = [place[SIZE]] if SIZE in place else []
    found: set[tuple[int, int]] = set()
    for keys in groups:
        own = sorted({*(place[key] for key in keys), *size})
        found.update(combinations_with_replacement(own, 2))
    return tuple(sorted(found))
