"""What to read: the source, the SQL and the role of each column, without the study around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from causal.base.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causal.content.attribute import Attribute
    from causal.content.outcome import Outcome
    from causal.data.path_rows import PathNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One reading of one table; made from a study by ``causal.design.request.request``.

    Attributes
    ----------
    source, table, tables, query, where, derive
        The table as the study's ``data`` gives it. ``query`` runs first, then ``derive`` in its
        order, then ``where``.
    flags
        Predicates that become columns, by the study key that gives them (``before``); the column of
        one is named 'in ' and the key.
    folder, file
        Where relative paths start, and the study file itself (it is no table).
    unit, cluster, block
        Key columns: what a row stands for, the independent sources of variation, the block.
    attributes, outcomes
        What is asked.
    confounders, modifiers, mediators, negative_controls, post_outcome
        Columns by role.
    propensity
        Column of the known assignment probability of the one binary attribute.
    count, shares
        What the sample ratio counts, and the column of planned shares; None: not given, equal.
    parties
        Columns that say who, by party: user, creator, item.
    paths
        Columns that say how exposure came about.
    folds, seed
        How many folds, and the seed that is hashed with the key of each row.
    keys
        For each column the study key that names it first, for messages.
    """

    source: str = "data"
    table: str | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    query: str | None = None
    where: str | None = None
    derive: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    file: Path | None = None
    unit: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    weight: str | None = None
    time: str | None = None
    attributes: tuple[Attribute, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    confounders: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    negative_controls: tuple[str, ...] = ()
    post_outcome: tuple[str, ...] = ()
    propensity: str | None = None
    count: str | None = None
    shares: str | None = None
    exploration: str | None = None
    parties: Mapping[str, str] = field(default_factory=dict)
    paths: PathNames | None = None
    folds: int = 5
    seed: int = 0
    keys: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen = {"data"}
        for name in self.tables:
            if name.casefold() in seen:
                raise DataError(
                    f"data.tables.{name}: this name is taken, since SQL does not see upper and "
                    "lower case and 'data' is the source itself. Give the table another name."
                )
            seen.add(name.casefold())

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must leave the engine, each once, in the order of the roles."""
        named: list[str | None] = [*self.unit, *self.cluster, *self.block, self.weight, self.time]
        for attribute in self.attributes:
            named += [attribute.name, *propensity_columns(attribute)]
        for outcome in self.outcomes:
            named += outcome.columns
        named += [*self.confounders, *self.modifiers, *self.mediators]
        named += [*self.negative_controls, *self.post_outcome, self.propensity]
        named += [self.count, self.shares, self.exploration, *self.parties.values()]
        named += self.paths.columns if self.paths is not None else ()
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def key_of(self, column: str) -> str:
        """Which study key named a column, for a message."""
        return self.keys.get(column, "the study")

    def path(self, text: str) -> Path:
        """Where a path of the study lies: relative ones start at the study's folder."""
        return (self.folder or Path()) / Path(text).expanduser()


def propensity_columns(attribute: Attribute) -> tuple[str, ...]:
    """Columns of known assignment probabilities of one attribute."""
    given = attribute.propensity
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given.values())
