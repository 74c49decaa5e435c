"""What studies of every kind share: the table, the file they came from, and columns by role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    model_validator,
)

from causal.data.request import Request

Name = Annotated[str, Field(pattern=r"\S")]
Names = tuple[Name, ...]


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


OneOrSeveral = Annotated[
    Names, BeforeValidator(_one_or_several, json_schema_input_type=Name | list[Name] | None)
]


class Part(BaseModel):
    """A part of a study file: frozen, no unknown keys, an empty key is a key not given."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_given(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {key: value for key, value in values.items() if value is not None}


class Source(Part):
    """Where the table is and what the engine does to it before anything is read.

    Order: ``query``, then ``derive`` in file order, then ``where``.
    """

    source: Name
    """Parquet or CSV file, glob, or database URL; a path is relative to the study file."""
    table: Name | None = None
    """The table, for a database."""
    tables: dict[Name, Name] = {}
    """More tables, by name, for ``query``."""
    query: Name | None = None
    """SELECT over the source (as ``data``) and the named tables."""
    where: Name | None = None
    """SQL predicate: the rows to keep."""
    derive: dict[Name, Name] = {}
    """New columns by SQL expressions; later ones see earlier ones."""


class Parties(Part):
    """The columns that say who: the privacy gate and two-way clusters need them."""

    user: Name | None = None
    """Column that names the user."""
    creator: Name | None = None
    """Column that names the creator."""
    item: Name | None = None
    """Column that names the item."""


class CommonStudy(Part):
    """What a study of any kind has."""

    study: Name = Field(max_length=100)
    """Short name of the study; it names the output folder."""
    kind: str
    """What is asked."""
    question: str = ""
    """The question in words; the page's title."""
    data: Source
    """Where the table is."""

    _text: str = PrivateAttr(default="")
    _path: Path | None = PrivateAttr(default=None)

    @property
    def text(self) -> str:
        """The study file as written."""
        return self._text

    @property
    def path(self) -> Path | None:
        """Where the study file lies."""
        return self._path

    def written(self, text: str, path: Path | None) -> Self:
        """Give the same study with the file it was read from."""
        copy = self.model_copy()
        copy._text, copy._path = text, path  # noqa: SLF001
        return copy

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column), in the order of the roles."""
        raise NotImplementedError

    def roles(self) -> tuple[str, ...]:
        """Every role a column of this kind of study may have, in order."""
        raise NotImplementedError

    def columns_by_role(self) -> dict[str, tuple[str, ...]]:
        """List the columns of every role, in study order, without repeats; a role may have none.

        The roles are those of :mod:`causal.design.roles`.
        """
        columns: dict[str, dict[str, None]] = {role: {} for role in self.roles()}
        for role, _, column in self.named_columns():
            columns[role][column] = None
        return {role: tuple(names) for role, names in columns.items()}

    def key_of(self, column: str) -> str:
        """Name the first study key with this column, as ``attributes[0].name``; '' if none."""
        return next((key for _, key, named in self.named_columns() if named == column), "")

    def roles_of(self, column: str) -> tuple[str, ...]:
        """Name every role a column has, in the order of ``columns_by_role``."""
        return tuple(role for role, names in self.columns_by_role().items() if column in names)


def table_request(study: CommonStudy) -> Request:
    """Say which table to read, with the key that names each column; no column is asked for yet."""
    data = study.data
    keys: dict[str, str] = {}
    for _, key, column in study.named_columns():
        keys.setdefault(column, key)
    return Request(
        source=data.source,
        table=data.table,
        tables=data.tables,
        query=data.query,
        where=data.where,
        derive=data.derive,
        folder=study.path.parent if study.path else None,
        file=study.path,
        keys=keys,
    )
