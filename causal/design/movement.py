"""The study of a move: two periods of a table, what cuts its rows, and what causes what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, model_validator

from causal.content.outcome import Outcome
from causal.data.movement.request import MovementRequest
from causal.data.request import Request
from causal.design._common import (
    CommonStudy,
    Name,
    Names,
    OneOrSeveral,
    Part,
    Parties,
    table_request,
)
from causal.design.movement_rules import broken_rules
from causal.design.rules import BrokenRulesError

MOVEMENT_ROLES = ("unit", "cluster", "weight", "party", "outcome", "segment", "mechanism")


def _columns(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Segment = Annotated[
    Names, BeforeValidator(_columns, json_schema_input_type=Name | list[Name]), Field(min_length=1)
]


class Shipped(Part):
    """An experiment whose change went live between the two periods."""

    name: Name
    """What was shipped."""
    node: Name
    """The mechanism it acts on: a node of ``mechanisms``."""
    effect: StrictFloat = Field(allow_inf_nan=False)
    """Its effect on the outcome, in units of the outcome, where it is live."""
    std_error: StrictFloat = Field(gt=0, allow_inf_nan=False)
    """Standard error of the effect."""
    share: StrictFloat = Field(default=1.0, gt=0, le=1)
    """Share of the rows after in which it is live."""
    threshold: StrictFloat | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Its |t| had to pass this to be shipped: the effect is shrunk for that. Not given: it is not."""


class MovementAnalysis(Part):
    """How the move is split."""

    form: Literal["auto", "order", "shapley", "sampled"] = "auto"
    """How nodes share a move: in causal order, by exact or by sampled Shapley values."""
    interaction: StrictBool = False
    """Mix and rate with a third term, for what both do together."""
    cells: StrictInt = Field(default=20, ge=0)
    """How many segments that moved apart from the rest are listed."""
    permutations: StrictInt = Field(default=64, ge=8, le=10_000)
    """Orders that sampled Shapley values are averaged over."""


class MovementSettings(Part):
    """How the numbers are made; the defaults serve."""

    level: StrictFloat = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the intervals."""
    folds: StrictInt = Field(default=5, ge=2, le=50)
    """Parts for cross-fitting; more are taken where there are few rows or clusters."""
    seed: StrictInt = Field(default=20261122, ge=0, lt=2**63)
    """Seed of every random draw."""
    minimum_cell: StrictInt = Field(default=50, ge=1)
    """Fewest users of a published segment."""
    dominance: StrictFloat = Field(default=0.8, gt=0, le=1)
    """Largest share of a published segment that one creator may have."""


class Movement(CommonStudy):
    """A study of ``kind: movement``: why a metric moved between two periods.

    Read one with :func:`causal.read_study`.

    Examples
    --------
    >>> asked = Movement.model_validate({
    ...     "study": "clicks", "kind": "movement", "data": {"source": "t.parquet"},
    ...     "before": "week = 3", "after": "week = 4", "segments": ["topic", ["topic", "market"]],
    ...     "outcomes": [{"name": "rate", "column": "clicked"}],
    ... })
    >>> asked.segments
    (('topic',), ('topic', 'market'))
    """

    kind: Literal["movement"]
    """What is asked."""
    unit: OneOrSeveral = ()
    """What one row stands for: one column or several; duplicates are an error."""
    cluster: OneOrSeveral = ()
    """Independent sources of variation: one column, or two; not given: rows."""
    weight: Name | None = None
    """Column of what a row counts, for outcomes given by column."""
    parties: Parties = Parties()
    """Columns that say who."""
    before: Name
    """SQL predicate: rows of the first period."""
    after: Name
    """SQL predicate: rows of the second period."""
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    """The metrics that moved; the first leads."""
    segments: tuple[Segment, ...] = ()
    """What mix and rate are told apart by: a column, or several crossed."""
    mechanisms: tuple[tuple[Name, Name], ...] = ()
    """The causal graph as edges, causes first; its last node is the first outcome's name."""
    shipped: tuple[Shipped, ...] = ()
    """Experiments that went live between the periods."""
    analysis: MovementAnalysis = MovementAnalysis()
    """How the move is split."""
    settings: MovementSettings = MovementSettings()
    """How the numbers are made."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Movement:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column), in the order of the roles."""
        yield from self._keys()
        for i, outcome in enumerate(self.outcomes):
            for part in ("column", "numerator", "denominator"):
                column = getattr(outcome, part)
                if column is not None:
                    yield "outcome", f"outcomes[{i}].{part}", column
        for i, segment in enumerate(self.segments):
            for j, column in enumerate(segment):
                key = f"segments[{i}]" if len(segment) == 1 else f"segments[{i}][{j}]"
                yield "segment", key, column
        for i, edge in enumerate(self.mechanisms):
            for j, node in enumerate(edge):
                if node != self.outcomes[0].name:
                    yield "mechanism", f"mechanisms[{i}][{j}]", node

    def _keys(self) -> Iterator[tuple[str, str, str]]:
        """Columns that say what a row is, what it counts and who it is of."""
        for key in ("unit", "cluster"):
            for i, column in enumerate(getattr(self, key)):
                yield key, f"{key}[{i}]", column
        if self.weight is not None:
            yield "weight", "weight", self.weight
        for party in ("user", "creator", "item"):
            column = getattr(self.parties, party)
            if column is not None:
                yield "party", f"parties.{party}", column

    def roles(self) -> tuple[str, ...]:
        """Every role a column may have, in order."""
        return MOVEMENT_ROLES

    @property
    def order(self) -> tuple[str, ...]:
        """Nodes of the mechanisms, causes first, without the outcome.

        Of those that may stand in any order, the one that the file names first comes first.
        """
        outcome = self.outcomes[0].name
        nodes = list(dict.fromkeys(node for edge in self.mechanisms for node in edge))
        nodes = [node for node in nodes if node != outcome]
        placed: list[str] = []
        while len(placed) < len(nodes):
            free = [
                node
                for node in nodes
                if node not in placed and all(a in placed for a, b in self.mechanisms if b == node)
            ]
            if not free:
                break
            placed.append(free[0])
        return tuple(placed)

    def parents(self, node: str) -> tuple[str, ...]:
        """What a node follows from, in the order of the mechanisms."""
        causes = {cause for cause, effect in self.mechanisms if effect == node}
        return tuple(each for each in self.order if each in causes)


def movement_request(study: Movement) -> MovementRequest:
    """Say what to sum up for a move."""
    return MovementRequest(
        table=_table(study),
        outcomes=study.outcomes,
        segments=study.segments,
        weight=study.weight,
        cluster=study.cluster,
        user=study.parties.user,
        creator=study.parties.creator,
        also=(*study.unit, *study.order),
    )


def _table(study: Movement) -> Request:
    flags = {"before": study.before, "after": study.after}
    return replace(table_request(study), flags=flags)


def rows_request(study: Movement, folds: int) -> Request:
    """Say what rows to read for the mechanisms: those of both periods, with their nodes.

    ``in after`` is a column of them; ``folds`` are the parts for cross-fitting.
    """
    table = _table(study)
    either = '("in before" OR "in after")'
    return replace(
        table,
        where=either if table.where is None else f"(\n{table.where}\n) AND {either}",
        unit=study.unit,
        cluster=study.cluster,
        weight=study.weight,
        outcomes=study.outcomes[:1],
        confounders=(*study.order, "in after"),
        folds=folds,
        seed=study.settings.seed,
    )
