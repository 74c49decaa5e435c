"""Guesses at the roles of a table's columns, from names, types and counts; each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causal.base.errors import DataError
from causal.design.vocabulary import (
    AFTER,
    BEFORE,
    BLOCKS,
    CLUSTERS,
    COUNTED,
    HARMS,
    IDS,
    MEANS,
    MEDIATORS,
    MODIFIERS,
    RATES,
    TEXTS,
    TRIALS,
    quoted,
    words,
)

if TYPE_CHECKING:
    from causal.data.describe import ColumnSummary, TableSummary

MOST_ATTRIBUTES = 12
MOST_MODIFIERS = 8
MOST_LEVELS = 30
_NUMBERS = ("integer", "float", "boolean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One column, and why it was given its role."""

    column: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedOutcome:
    """One outcome: ``columns`` is its column, or its numerator and denominator."""

    name: str
    columns: tuple[str, ...]
    role: str
    goal: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A column to be made by SQL from a text."""

    name: str
    sql: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What each column may be; every column of the table is in exactly one part.

    ``where`` is a predicate that leaves out rows whose denominator is 0; '' when there are none.
    """

    unit: Guess | None
    cluster: Guess | None
    block: Guess | None
    time: Guess | None
    weight: Guess | None
    exploration: Guess | None
    outcomes: tuple[GuessedOutcome, ...]
    where: str
    derive: tuple[Derived, ...]
    attributes: tuple[Guess, ...]
    modifiers: tuple[Guess, ...]
    mediators: tuple[Guess, ...]
    post_outcome: tuple[Guess, ...]
    left_out: tuple[Guess, ...]


class _Unclaimed:
    """The columns that have no role yet, in table order."""

    def __init__(self, summary: TableSummary) -> None:
        self.rows = summary.rows
        self.columns = {column.name: column for column in summary.columns}
        self.all = tuple(self.columns)

    def take(self, fits: Callable[[ColumnSummary], str], most: int | None = None) -> list[Guess]:
        """Claim the columns for which ``fits`` gives a reason, at most so many."""
        found = [(name, fits(column)) for name, column in self.columns.items()]
        kept = [Guess(column=name, because=why) for name, why in found if why][:most]
        for guess in kept:
            del self.columns[guess.column]
        return kept

    def one(self, fits: Callable[[ColumnSummary], str]) -> Guess | None:
        """Claim the first column that fits."""
        return next(iter(self.take(fits, most=1)), None)


def guess(summary: TableSummary) -> Guesses:
    """Guess the role of every column.

    Raises
    ------
    DataError
        When the table has no rows, or no column that could be an outcome or an attribute.
    """
    if summary.rows == 0:
        raise DataError("The table has no rows, so no study can be drafted from it.")
    left = _Unclaimed(summary)
    left_out = left.take(_useless)
    exploration = left.one(_exploration)
    left_out += left.take(_propensity)
    unit = left.one(lambda column: _unit(column, summary.rows))
    time = left.one(_time)
    outcomes, where, made = _outcomes(left)
    post_outcome = [*made, *left.take(_after)]
    cluster = _cluster(left)
    block = cluster if cluster and BLOCKS & set(words(cluster.column)) else None
    left_out += left.take(_key)
    outcomes = outcomes or _last_number(left)
    mediators = left.take(lambda column: _named(column, MEDIATORS, "comes after the content"))
    weight = left.one(_weight)
    modifiers = left.take(_modifier, most=MOST_MODIFIERS)
    derive = tuple(_derived(left))
    attributes = left.take(_attribute, most=MOST_ATTRIBUTES - len(derive))
    if not (attributes or derive):
        attributes, modifiers = modifiers[:1], modifiers[1:]
    left_out += left.take(_remaining)
    if not outcomes:
        raise DataError(
            "No column could be an outcome: none holds numbers that vary. "
            "Write the study by hand; 'causal schema' describes its keys."
        )
    if not (attributes or derive):
        raise DataError(
            "No column is left that could be an attribute: besides keys, times and "
            f"the outcome '{outcomes[0].name}' nothing varies. Add the columns that "
            "describe the content."
        )
    return Guesses(
        unit=unit, cluster=cluster, block=block, time=time, weight=weight,
        exploration=exploration, outcomes=tuple(outcomes), where=where, derive=derive,
        attributes=tuple(attributes), modifiers=tuple(modifiers), mediators=tuple(mediators),
        post_outcome=tuple(post_outcome), left_out=tuple(left_out),
    )  # fmt: skip


def _named(column: ColumnSummary, known: Iterable[str], why: str) -> str:
    hit = next((word for word in words(column.name) if word in frozenset(known)), "")
    return f"'{hit}' in a name {why}" if hit else ""


def _useless(column: ColumnSummary) -> str:
    if not column.name.strip():
        return "its name is blank"
    if column.distinct == 0:
        return "it has no values"
    return "it has one value" if column.distinct == 1 else ""


def _exploration(column: ColumnSummary) -> str:
    hit = [word for word in words(column.name) if word.startswith("explor")]
    return "two values, and its name says exploration" if hit and column.distinct == 2 else ""


def _propensity(column: ColumnSummary) -> str:
    hit = {"propensity", "pscore"} & set(words(column.name))
    return "it may be a known assignment probability (key 'propensity')" if hit else ""


def _unit(column: ColumnSummary, rows: int) -> str:
    alone = column.distinct == rows and column.missing == 0 and column.type in ("text", "integer")
    fits = column.type == "text" or IDS & set(words(column.name))
    return f"each of the {rows:,} rows has its own value" if alone and fits else ""


def _time(column: ColumnSummary) -> str:
    return "it holds dates" if column.type == "time" else ""


def _after(column: ColumnSummary) -> str:
    return _named(column, AFTER, "is usually known only after the outcome")


def _key(column: ColumnSummary) -> str:
    named = words(column.name)[-1:] and words(column.name)[-1] in IDS
    return f"it is a key with {column.distinct:,} values" if named else ""


def _cluster(left: _Unclaimed) -> Guess | None:
    for party in CLUSTERS.split():
        found = left.one(lambda column, party=party: _repeated(column, party, left.rows))  # type: ignore[misc]
        if found:
            return found
    return left.one(lambda column: _repeated(column, "", left.rows))


def _repeated(column: ColumnSummary, party: str, rows: int) -> str:
    parts = words(column.name)
    fits = parts and parts[-1] in IDS and (not party or party in parts)
    if not fits or not 1 < column.distinct < rows:
        return ""
    return f"it is a key that repeats: {column.distinct:,} values in {rows:,} rows"


def _weight(column: ColumnSummary) -> str:
    positive = (
        column.type in ("integer", "float") and _at_most(0, column.minimum) and column.minimum != 0
    )
    return _named(column, ("weight", "weights"), "says so") if positive else ""


def _modifier(column: ColumnSummary) -> str:
    fits = column.type != "text" or column.distinct <= MOST_LEVELS
    return _named(column, MODIFIERS, "says for whom or when") if fits else ""


def _attribute(column: ColumnSummary) -> str:
    if column.distinct == 2:
        return "it has two values"
    if column.type == "text" and column.distinct <= MOST_LEVELS:
        return f"it has {column.distinct} levels"
    if column.type in ("integer", "float"):
        return f"it is a number with {column.distinct:,} values; it may be a confounder instead"
    return ""


def _remaining(column: ColumnSummary) -> str:
    if column.type == "text" and column.distinct > MOST_LEVELS:
        return f"it is text with {column.distinct:,} values"
    if column.type in ("other", "time"):
        return f"its type is '{column.type}'"
    return "the list above is long enough; it may be an attribute or a confounder"


def _outcomes(left: _Unclaimed) -> tuple[list[GuessedOutcome], str, list[Guess]]:
    """Outcomes by name, the predicate they need, and rate columns that repeat them."""
    trials = _denominator(left)
    every = left.columns.values()
    counted = [column for column in every if trials and _counts(column, trials)]
    if trials is None or not counted:
        return list(_means(left)), "", []
    found = [_ratio(column, trials, first=column is counted[0]) for column in counted]
    for column in (*counted, trials):
        del left.columns[column.name]
    where = f"{quoted(trials.name)} > 0" if trials.minimum == 0 else ""
    made = left.take(lambda column: "a rate that repeats the outcome" if _is_rate(column) else "")
    return found, where, made


def _is_rate(column: ColumnSummary) -> bool:
    parts = words(column.name)
    return bool(parts) and parts[-1] in RATES and not BEFORE & set(parts)


def _denominator(left: _Unclaimed) -> ColumnSummary | None:
    fits = (
        column
        for column in left.columns.values()
        if column.type == "integer" and words(column.name)[-1:]
        and words(column.name)[-1] in TRIALS and not BEFORE & set(words(column.name))
    )  # fmt: skip
    return next(fits, None)


def _counts(column: ColumnSummary, trials: ColumnSummary) -> bool:
    parts = words(column.name)
    return (
        column.type == "integer"
        and bool(parts)
        and parts[-1] in COUNTED
        and not BEFORE & set(parts)
        and _at_most(column.maximum, trials.maximum)
    )


def _at_most(part: object, whole: object) -> bool:
    numbers = isinstance(part, int | float) and isinstance(whole, int | float)
    return numbers and part <= whole  # type: ignore[operator]


def _ratio(column: ColumnSummary, trials: ColumnSummary, *, first: bool) -> GuessedOutcome:
    part, whole = words(column.name)[-1], words(trials.name)[-1]
    plain = part.startswith("click") and whole in ("impressions", "views")
    harm = part in HARMS
    return GuessedOutcome(
        name="ctr" if plain and first else f"{column.name}_per_{trials.name}",
        columns=(column.name, trials.name),
        role="guardrail" if harm else "success" if first else "secondary",
        goal="decrease" if harm else "increase",
        because=f"'{column.name}' counts what happened in '{trials.name}'",
    )


def _means(left: _Unclaimed) -> Iterator[GuessedOutcome]:
    numbers = [column for column in left.columns.values() if column.type in _NUMBERS]
    whole = [column for column in numbers if "".join(words(column.name)) in MEANS]
    ends = [
        column
        for column in numbers
        if words(column.name)[-1:] and words(column.name)[-1] in MEANS
        and not BEFORE & set(words(column.name))
    ]  # fmt: skip
    first = True
    for column in whole or ends:
        harm = bool(HARMS & set(words(column.name)))
        role = "guardrail" if harm else "success" if first else "secondary"
        first = first and harm
        del left.columns[column.name]
        yield _mean(column, role, "its name is that of a result")


def _mean(column: ColumnSummary, role: str, because: str) -> GuessedOutcome:
    return GuessedOutcome(
        name=column.name,
        columns=(column.name,),
        role=role,
        goal="decrease" if role == "guardrail" else "increase",
        because=because,
    )


def _last_number(left: _Unclaimed) -> list[GuessedOutcome]:
    numbers = [column for column in left.columns.values() if column.type in _NUMBERS]
    wide = [column for column in numbers if column.distinct > 2] or numbers
    if not wide:
        return []
    column = left.columns.pop(wide[-1].name)
    return [_mean(column, "success", "no name says outcome; this is the last column of numbers")]


def _derived(left: _Unclaimed) -> Iterator[Derived]:
    """Attributes made of the first free text whose name says headline, title and so on."""
    text = next(
        (
            column.name
            for column in left.columns.values()
            if column.type == "text"
            and column.distinct > MOST_LEVELS
            and TEXTS & set(words(column.name))
        ),
        None,
    )
    if text is None:
        return
    makers = {
        "question_mark": f"{quoted(text)} LIKE '%?%'",
        "digit": f"regexp_matches({quoted(text)}, '[0-9]')",
        "words": f"array_length(string_split({quoted(text)}, ' '))",
    }
    folded = {name.casefold() for name in left.all}
    for name, sql in makers.items():
        free = name if name not in folded else f"{name}_of_{text}"
        yield Derived(name=free, sql=sql, because=f"an attribute that can be read off '{text}'")
