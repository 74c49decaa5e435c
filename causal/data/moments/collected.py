"""What is collected of an experiment: its moments, and the counts its checks need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from causal.content.metric import Type
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray, IntArray, Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A mean, or the ratio of two: columns of the moments."""

    numerator: str
    denominator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which columns of the moments a metric is made of.

    A metric with missing units is a ratio: what is known, over how many are known; so is the mean
    over units where clusters were assigned. ``covariates`` were known before exposure. ``known`` is
    the share of units that have the metric, where some miss it and whole clusters were assigned;
    ``uncapped`` what the level would be without the metric's cap.
    """

    metric: str
    level: Part
    covariates: tuple[Part, ...] = ()
    known: Part | None = None
    uncapped: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Units of randomisation by a column: ``counts`` (values, arms)."""

    name: str
    values: tuple[str, ...]
    counts: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Units of randomisation.

    Attributes
    ----------
    arms, shares
        Every arm of the plan, those of zero share too, and what share of the units was planned.
    randomized
        Units of randomisation seen in one arm only, shape (arms,).
    crossed
        Units of randomisation seen in more than one arm; they are in nothing else.
    unplanned
        Arms in the data that the plan does not name, and their units.
    days
        By day of first exposure, the ``values`` as ISO dates; None without a date.
    splits
        By block and by what was known before assignment.
    """

    arms: tuple[str, ...]
    shares: FloatArray
    randomized: IntArray
    crossed: int = 0
    unplanned: Mapping[str, int] = field(default_factory=dict)
    days: Split | None = None
    splits: tuple[Split, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Values of a quantile metric: ``arm`` (n,) numbers the arms of the moments.

    ``cluster`` (n,) numbers clusters where these were assigned; ``missing`` (arms,) counts units
    without a value, or whose window is still open.
    """

    arm: IntArray
    value: FloatArray
    cluster: IntArray | None
    missing: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Daily:
    """A metric by day since exposure, on one fixed cohort: every unit is there on every day.

    Attributes
    ----------
    moments
        By arm and stratum; products over all days, so that their covariance is known.
    readings
        One for each period, the first day first.
    length
        Days of a period.
    until
        Last day of exposure of the cohort.
    divided
        What makes a period's level one of a day: its length, for totals.
    """

    metric: str
    moments: Moments
    readings: tuple[Reading, ...]
    length: int
    until: date
    divided: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collected:
    """Everything a readout is made of.

    Attributes
    ----------
    moments
        By arm and stratum, of arms with a positive share and units; the control comes first, where it
        has units.
    segments
        By arm and level of each declared segment.
    readings
        One for each metric that moments can give.
    counts
        Units of randomisation.
    missing, immature
        Units of each arm without a metric, and (of metrics with a window) whose window for it is
        still open, by metric, shape (arms,); arms as in ``counts``.
    first, last
        First and last day of exposure.
    caps
        The largest value of each metric that counts, frozen before the experiment.
    sql
        What was run: a name and the query.
    types
        What each metric averages, declared or read off the data.
    filled
        Units without a covariate, by its column; they have 0 there.
    samples
        Values of the quantile metrics.
    cohorts
        By arm and day of first exposure, of clusters that of their first unit; None without a date.
    daily
        Success metrics by day since exposure, where rows with a time tell.
    notes
        What was not looked at in full, in sentences.
    """

    moments: Moments
    segments: Mapping[str, Moments]
    readings: tuple[Reading, ...]
    counts: Counts
    missing: Mapping[str, IntArray]
    immature: Mapping[str, IntArray]
    first: date | None
    last: date | None
    caps: Mapping[str, float]
    sql: tuple[tuple[str, str], ...]
    provenance: Provenance
    types: Mapping[str, Type] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    cohorts: Moments | None = None
    samples: Mapping[str, Sample] = field(default_factory=dict)
    daily: Mapping[str, Daily] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
