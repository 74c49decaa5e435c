"""What is told of the data beside the moments: who is left out, types, the fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np

from causal.content.metric import Metric, Type
from causal.data.moments.cells import Cells, by_split, columns_of
from causal.data.moments.columns import Wanted, raw_columns
from causal.data.moments.glance import Glance
from causal.data.moments.request import ExperimentRequest
from causal.data.panel import Dropped, IntArray

DOUBLES = ("s", "p", "all", "least", "most")


def without(
    main: Cells, need: Wanted, arms: Mapping[str, str]
) -> tuple[dict[str, IntArray], dict[str, IntArray]]:
    """Units of each arm without a metric, and those whose window for it is still open."""
    units = by_split(main, "units", arms, ())[1][:, 0]
    missing, immature = {}, {}
    for i, reading in enumerate(need.readings):
        known = by_split(main, f"known {i}", arms, ())[1][:, 0]
        late = by_split(main, f"open {i}", arms, ())[1][:, 0]
        missing[reading.metric] = np.rint(units - known - late).astype(np.int64)
        if need.windows[i].days is not None:
            immature[reading.metric] = np.rint(late).astype(np.int64)
    return missing, immature


def dropped(main: Cells) -> tuple[Dropped, ...]:
    """Units that are in no arm, or in several."""
    nowhere = np.array([text == "" for text in main.labels["arm"]])
    counted = {
        "seen in more than one arm": main.crossed == 1,
        "without an arm": nowhere & (main.crossed == 0),
    }
    found = ((reason, round(main.total("units", rows))) for reason, rows in counted.items())
    return tuple(Dropped(reason=reason, rows=count) for reason, count in found if count)


def filled(main: Cells, need: Wanted) -> dict[str, int]:
    """Units without a covariate, by its column."""
    found = {
        column.raw.column: round(main.total(f"filled {i}"))
        for i, column in enumerate(need.columns)
        if column.window is None and column.raw is not None
    }
    return {name: count for name, count in found.items() if count}


def types(asked: ExperimentRequest, need: Wanted, main: Cells, seen: Glance) -> dict[str, Type]:
    """What each metric averages."""
    return {metric.name: _type(asked, metric, need, main, seen) for metric in asked.metrics}


def _type(
    asked: ExperimentRequest, metric: Metric, need: Wanted, main: Cells, seen: Glance
) -> Type:
    """Read the type of a metric off its values, where the study does not give it."""
    if metric.type is not None:
        return metric.type
    if metric.is_ratio:
        return Type.RATIO
    raw = raw_columns(asked, metric)[0]
    look = seen.numbers[raw]
    if raw.aggregate == "mean" or not look.whole or look.least < 0:
        return Type.MEAN
    reading = next(each for each in need.readings if each.metric == metric.name)
    place = columns_of(main, need).index(reading.level.numerator)
    square = main.total(f"p {need.pairs.index((place, place))}")
    exact = asked.cluster is None and not main.sums.centres.get(reading.level.numerator)
    binary = square == main.total(f"s {place}") if exact else look.most <= 1
    return Type.PROPORTION if binary else Type.COUNT


def fingerprint(asked: ExperimentRequest, need: Wanted, cells: tuple[Cells, ...]) -> str:
    """Digest what was summed: the same for any order of rows, and on any engine.

    Counts are taken in every cell, sums of doubles in every arm to 9 digits. These are of a
    multiple by pi: sums of decimals lie on the edge between two roundings far too often.
    """
    lines = []
    for each in cells:
        counted = sorted(name for name in each.numbers if name.split()[0] not in DOUBLES)
        rest = sorted(name for name in each.numbers if name not in counted)
        for row in range(each.crossed.size):
            told = [labels[row] for labels in each.labels.values()]
            numbers = [f"{each.numbers[name][row]:.0f}" for name in counted]
            lines.append("\x1f".join([*told, str(each.crossed[row]), *numbers]))
        for arm in sorted(set(each.labels["arm"])):
            rows = np.array([text == arm for text in each.labels["arm"]])
            totals = [f"{each.total(name, rows) * np.pi:.9g}" for name in rest]
            lines.append("\x1f".join([arm, *totals]))
    columns = [f"{column.key}\x1f{column.raw}\x1f{column.cap}" for column in need.columns]
    text = "\x1e".join([*asked.columns, *columns, *lines])
    return blake2b(text.encode(), digest_size=16).hexdigest()
