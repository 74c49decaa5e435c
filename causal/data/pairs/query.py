"""The one query of a two-sided experiment: pairs, their users and their creators, summed by arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import Any

from causal.data.pairs.request import PairRequest, SideRequest

PAIRS, USERS, CREATORS, CROSSED = range(4)
SIDES = ("user", "creator")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmValues:
    """What the control and the treated arm of a side are called in the data."""

    control: Any
    treated: Any


def rows_of(source: Any, asked: PairRequest, numbers: Mapping[str, Any], when: Any) -> Any:
    """Rows under names of our own.

    Parameters
    ----------
    source
        The table as an Ibis expression.
    numbers
        For each column that is summed its expression; what is no number is missing.
    when
        Seconds since 1970 of a row, None without a time.
    """
    chosen = {}
    for side in asked.sides:
        chosen[side.key] = source[side.party]
        arm = source[side.arm]
        chosen[f"{side.key} arm"] = arm.cast("int32") if arm.type().is_boolean() else arm
    chosen |= {f"number {i}": numbers[name] for i, name in enumerate(asked.numbers)}
    if when is not None:
        chosen["at"] = when
    return source.select(**chosen)


def arms(rows: Any, side: SideRequest) -> Any:
    """Units of one side by the arm of their rows: ``arm`` and ``n``."""
    return (
        rows.group_by(arm=rows[f"{side.key} arm"]).agg(n=rows[side.key].nunique()).order_by("arm")
    )


def sums(rows: Any, asked: PairRequest, found: Mapping[str, ArmValues]) -> Any:
    """Every sum in one expression, a row for each part and arm.

    ``part`` says of what: pairs (by both arms), users and creators (by their own), and units in
    both arms of their side, which are in none of the others (``n`` of them, by ``a``: 0 users, 1
    creators). ``a`` and ``b`` are 0 for control and 1 for treated; ``n`` counts, ``rows`` are rows,
    ``v0`` ... are the sums and then the products of :func:`names`.
    """
    import ibis

    kept = rows
    for key, arm in found.items():
        kept = kept.filter(kept[f"{key} arm"].isin([arm.control, arm.treated]))
    crossed = {key: _crossed(rows, key) for key in SIDES}
    for key, alone in crossed.items():
        kept = kept.anti_join(alone, key)
    treated = {
        letter: ibis.ifelse(kept[f"{key} arm"] == found[key].treated, 1, 0)
        for letter, key in zip("ab", SIDES, strict=True)
    }
    pairs = _pairs(kept.mutate(**treated), asked)
    k = len(asked.numbers)
    parts = [_of_pairs(pairs, k), _of_side(pairs, "user", k), _of_side(pairs, "creator", k)]
    parts += [
        each.aggregate(n=each.count()).mutate(part=CROSSED, a=at, b=0)
        for at, each in enumerate(crossed.values())
    ]
    width = max(len(names(part, k)) for part in (PAIRS, USERS))
    return ibis.union(*(_padded(part, k, width) for part in parts)).order_by("part", "a", "b")


def names(part: int, k: int) -> tuple[tuple[int, ...], ...]:
    """What the sums of a part are of: places of one column, or of the two of a product.

    Of users and creators there are 2k columns, their totals with partners of the control arm first.

    >>> names(PAIRS, 1)
    ((0,), (0, 0))
    """
    count = k if part == PAIRS else 2 * k
    alone = tuple((i,) for i in range(count))
    return alone + tuple(combinations_with_replacement(range(count), 2))


def _crossed(rows: Any, key: str) -> Any:
    """Units of a side that were seen in two arms."""
    arm = rows[f"{key} arm"]
    each = rows.group_by(key).agg(least=arm.min(), most=arm.max())
    return each.filter(each["least"] != each["most"]).select(key)


def _pairs(kept: Any, asked: PairRequest) -> Any:
    """One row for each pair, and what says whether it had several."""
    made: dict[str, Any] = {"rows": kept.count()}
    for i in range(len(asked.numbers)):
        number = kept[f"number {i}"]
        made[f"c{i}"] = number.sum().cast("float64").fill_null(0.0)
        made[f"m{i}"] = number.isnull().sum()
    if asked.time is not None:
        made |= {"first": kept["at"].min(), "last": kept["at"].max()}
    return kept.group_by("user", "creator", "a", "b").agg(**made)


def _of_pairs(pairs: Any, k: int) -> Any:
    made = {"n": pairs.count(), "rows": pairs["rows"].sum()}
    made |= _summed([pairs[f"c{i}"] for i in range(k)])
    made |= {f"missing{i}": pairs[f"m{i}"].sum() for i in range(k)}
    if "first" in pairs.columns:
        made |= {"first": pairs["first"].min(), "last": pairs["last"].max()}
    return pairs.group_by("a", "b").agg(**made).mutate(part=PAIRS)


def _of_side(pairs: Any, key: str, k: int) -> Any:
    """Totals of every unit with partners of either arm, then their sums and products by its arm."""
    own, other = ("a", "b") if key == "user" else ("b", "a")
    totals = {
        f"t{arm * k + i}": pairs[f"c{i}"].sum(where=pairs[other] == arm).fill_null(0.0)
        for arm, i in product(range(2), range(k))
    }
    units = pairs.group_by(key, own).agg(**totals)
    made = {"n": units.count(), **_summed([units[f"t{i}"] for i in range(2 * k)])}
    part = USERS if key == "user" else CREATORS
    return units.group_by(a=units[own]).agg(**made).mutate(part=part, b=0)


def _summed(columns: Sequence[Any]) -> dict[str, Any]:
    values = [*columns]
    values += [
        columns[i] * columns[j] for i, j in combinations_with_replacement(range(len(columns)), 2)
    ]
    return {f"v{at}": value.sum() for at, value in enumerate(values)}


def _padded(part: Any, k: int, width: int) -> Any:
    """The same columns of the same types for every part."""
    import ibis

    whole = ["part", "a", "b", "n", "rows"]
    extra = sorted({"first", "last"}) + [f"v{i}" for i in range(width)]
    missing = [f"missing{i}" for i in range(k)]
    there = set(part.columns)
    made = {name: part[name].cast("int64") if name in there else ibis.literal(0, "int64")
            for name in (*whole, *missing)}  # fmt: skip
    made |= {name: part[name].cast("float64") if name in there else ibis.null("float64")
             for name in extra}  # fmt: skip
    return part.select(**made)
