"""What must hold for each metric of an experiment."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.base.errors import listing, nearest
from causal.content.metric import Cap, Metric, Type
from causal.design.rules import Broken

if TYPE_CHECKING:
    from causal.design.experiment import Experiment


def metrics(study: Experiment) -> Iterator[Broken]:
    """Every rule that a metric breaks."""
    for i, metric in enumerate(study.outcomes):
        for key, words in (
            *_columns(metric),
            *_kind(metric),
            *_table(metric, study),
            *_window(metric, study),
            *_cap(metric),
            *_pool(metric, study),
        ):
            yield Broken(f"outcomes[{i}]{key}", words)


Words = Iterator[tuple[str, str]]


def _columns(metric: Metric) -> Words:
    if any(not column.strip() for column in metric.columns):
        yield "", "has an empty column name. Name a column."
    if metric.is_ratio and metric.numerator == metric.denominator:
        yield (
            ".denominator",
            f"is '{metric.denominator}', as the numerator is: the ratio is always 1.",
        )


def _kind(metric: Metric) -> Words:
    if metric.type is Type.RATIO and not metric.is_ratio:
        yield ".type", "is 'ratio', but there is one column. Give 'numerator' and 'denominator'."
    if metric.is_ratio and metric.type not in (None, Type.RATIO):
        yield (
            ".type",
            f"is '{metric.type}', but a numerator and a denominator are given, which make a "
            "ratio. Give one 'column', or remove the type.",
        )
    if metric.type is Type.QUANTILE and metric.quantile is None:
        yield ".quantile", "is missing. Say which, for instance 'quantile: 0.95'."
    if metric.quantile is not None and metric.type is not Type.QUANTILE:
        yield ".quantile", "is given, but type is not 'quantile'. Write 'type: quantile'."
    if metric.type is Type.RETENTION and metric.days is None:
        yield (
            ".days",
            "is missing. Retention needs to know how many days after exposure it is seen, for "
            "instance 'days: 28', so that units who joined later are left out.",
        )


def _table(metric: Metric, study: Experiment) -> Words:
    tables = study.data.tables
    if metric.table is not None and metric.table not in tables:
        yield (
            ".table",
            f"is '{metric.table}', which data.tables does not name."
            f"{nearest(metric.table, tables)} It names {listing(tables) or 'none'}.",
        )
    if metric.at is not None and metric.table is None:
        yield (
            ".at",
            f"is '{metric.at}', but the outcome lies in the assignment table. The time of an "
            "exposure is 'time', at the top level of the file.",
        )
    if "aggregate" in metric.model_fields_set and metric.table is None and study.rows == "unit":
        yield (
            ".aggregate",
            f"is '{metric.aggregate}', but a unit has one row. Remove it, or write "
            "'rows: exposure' when a unit has several.",
        )


def _window(metric: Metric, study: Experiment) -> Words:
    top = "at the top level of the file"
    if study.exposed_at is None:
        for key, value in ((".days", metric.days), (".at", metric.at)):
            if value is not None:
                yield key, f"counts from exposure, so it needs 'exposed_at' {top}."
    elif metric.days is None:
        return
    elif metric.table is not None:
        if metric.at is None:
            yield ".days", "needs 'at', the column with the time of a row of the outcome's table."
    elif study.rows == "exposure" and study.time is None and metric.type is not Type.RETENTION:
        yield ".days", f"needs 'time' {top}: when an exposure happened."


def _cap(metric: Metric) -> Words:
    if isinstance(metric.cap, float | int) and not math.isfinite(metric.cap):
        yield ".cap", f"is {metric.cap}. Give a finite number."
    if metric.cap is not None and metric.type in (Type.QUANTILE, Type.RETENTION, Type.PROPORTION):
        yield ".cap", f"has no meaning for a {metric.type}. Remove it."
    if isinstance(metric.cap, Cap) and not metric.cap.column.strip():
        yield ".cap.column", "is empty. Name a column known before exposure."


def _pool(metric: Metric, study: Experiment) -> Words:
    if not metric.competes:
        return
    if study.pool == "separate":
        yield (
            ".competes",
            "is true, but arms draw on separate pools. Give the side whose units compete "
            "('side: creator'), or write 'analysis: {pool: shared}'.",
        )
    without_total = (Type.RATIO, Type.QUANTILE, Type.RETENTION, Type.PROPORTION)
    if metric.is_ratio or metric.type in without_total:
        yield (
            ".competes",
            "is true, but a rate, a share or a quantile has no total that could move from one "
            "unit to another. Give it to an amount, such as impressions.",
        )
