"""Running the queries of an experiment: one after the study's SQL, in parts when it is large."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from causal.base.boundary import boundary
from causal.base.errors import CausalError, DataError
from causal.base.workers import each
from causal.data.extract import blamed, ran
from causal.data.moments.dates import strange_time
from causal.data.moments.request import ROWS, UNITS, ExperimentRequest
from causal.data.moments.types import Tables
from causal.data.sources._connection import first_line, identifier

EXACT = 20_000_000
SLICES = 16
SPARSE, BITS = 16, 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reader:
    """Asks an open source; ``log`` keeps every query with what it was for.

    ``parts`` are the WITH clauses of the parts that units are read in, which the rows decide alone:
    sums are added in the order of the parts, so they are the same for any number of ``workers``.
    ``apart`` says whether parts can be read at the same time.
    """

    tables: Tables
    asked: ExperimentRequest
    parts: tuple[str, ...] = ()
    workers: int = 1
    apart: bool = False
    log: list[tuple[str, str]] = field(default_factory=list)

    def run(
        self, name: str, expression: Any, *, made: Any = None, whole: bool = False
    ) -> list[Any]:
        """Run an expression over each part of the units; gives a pyarrow.Table for each.

        ``made`` is the expression behind :func:`stored`, if the first reads from there.

        Raises
        ------
        DataError
            When the engine refuses it.
        """
        place = identifier(UNITS, self.tables.connection.engine)
        units = f",\n{place} AS (\n{self._sql(name, made)}\n)" if made is not None else ""
        body = f"{units}\nSELECT * FROM (\n{self._sql(name, expression)}\n) AS asked"
        head = self.tables.head(self.asked).rstrip()
        self.log.append((name, head + body))
        heads = (head,) if whole or not self.parts else self.parts
        workers = self.workers if self.apart else 1
        return each(
            self._fetch, [start.rstrip() + body for start in heads], min(workers, len(heads))
        )

    def _sql(self, name: str, expression: Any) -> str:
        import ibis

        with boundary("Ibis", f"compiling the query of {name}"):
            return str(ibis.to_sql(expression, dialect=self.tables.connection.engine))

    def one(self, name: str, sql: str) -> dict[str, Any]:
        """Run SQL of our own over the rows kept; gives the one row."""
        query = self.tables.head(self.asked) + sql
        self.log.append((name, query))
        row: dict[str, Any] = self._fetch(query).to_pylist()[0]
        return row

    def _fetch(self, sql: str) -> Any:
        connection = self.tables.connection
        try:
            if self.apart and len(self.parts) > 1:
                return connection.backend.con.cursor().execute(sql).to_arrow_table()
            return connection.fetch(sql)
        except CausalError:
            raise
        except Exception as error:
            strange = strange_time(self.tables, self.asked)
            if strange is not None:
                raise strange from error
            found = blamed(connection, self.tables.plan, error)
            if not str(found).startswith("data.source"):
                raise found from error
            raise DataError(
                f"data.source: the sums of the experiment cannot be read: {first_line(error)}. "
                "Check that times are dates or ISO text, and that the file or database is complete."
            ) from error


def stored(made: Any) -> Any:
    """Units as a table that a query names before it reads them: SQLite nests only so deep."""
    import ibis

    return ibis.table(made.schema(), name=UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """How many rows there were before and after ``where``."""

    read: int
    kept: int


def checked_rows(tables: Tables, asked: ExperimentRequest) -> Rows:
    """Count rows; refuse a table without any, and units or clusters that are not named.

    Raises
    ------
    DataError
        Naming the key.
    """
    reader = Reader(tables=tables, asked=asked)
    read = int(_first(ran(tables.connection, tables.plan, "SELECT count(*) AS n FROM last_step")))
    if read == 0:
        raise DataError("data.source: the table has no rows, so there is nothing to read.")
    told = [asked.unit, *([asked.cluster] if asked.cluster else [])]
    engine = tables.connection.engine
    counted = ", ".join(f"count({identifier(name, engine)}) AS c{i}" for i, name in enumerate(told))
    row = reader.one("rows", f"SELECT count(*) AS n, {counted} FROM {identifier(ROWS, engine)}")
    kept = int(row["n"])
    if kept == 0:
        raise DataError(
            f"data.where: `{asked.table.where}` leaves none of the {read:,} rows. "
            "Loosen it, or look at the values it compares with."
        )
    for i, name in enumerate(told):
        missing = kept - int(row[f"c{i}"])
        if missing:
            raise DataError(
                f"{'cluster' if i else 'unit'}: column '{name}' is missing in {missing:,} of "
                f"{kept:,} rows. Leave them out with data.where, or fill them with data.derive."
            )
    return Rows(read=read, kept=kept)


def refuse_repeats(reader: Reader, kept: int) -> str | None:
    """Refuse a unit with several rows; says so when only a part of the units was looked at.

    Raises
    ------
    DataError
        With examples.
    """
    asked = reader.asked
    engine = reader.tables.connection.engine
    unit, rows = identifier(asked.unit, engine), identifier(ROWS, engine)
    counted, part = _marked(reader, kept), False
    if not counted:
        counted = f"count(DISTINCT {unit})"
        part = engine == "duckdb" and kept > EXACT
    where = f" WHERE hash({unit}) % {SLICES} = 0" if part else ""
    row = reader.one(
        "repeated units", f"SELECT count(*) AS n, {counted} AS units FROM {rows}{where}"
    )
    repeated = int(row["n"]) - int(row["units"])
    if not repeated:
        return f"Repeated units were looked for in one unit of {SLICES}." if part else None
    sql = (
        f"SELECT {unit} AS unit FROM {rows} GROUP BY {unit} HAVING count(*) > 1 "
        f"ORDER BY {unit} LIMIT 3"
    )
    examples = reader.tables.connection.fetch(reader.tables.head(asked) + sql).column(0).to_pylist()
    shown = "; ".join(f"'{each}'" for each in examples)
    raise DataError(
        f"unit: {repeated:,} of {int(row['n']):,} rows repeat the unit ({asked.unit}) of another "
        f"row, for instance {shown}. With 'rows: unit' one row is one unit: write "
        "'rows: exposure' so that rows are summed up by unit, or sum them with data.query."
    )


def _marked(reader: Reader, kept: int) -> str:
    """Distinct units counted as marks in a row of bits: numbers close to one another need no table.

    Nothing where units are no whole numbers, or lie too far apart.
    """
    unit, tables = identifier(reader.asked.unit), reader.tables
    if tables.connection.engine != "duckdb" or tables.kinds[""][reader.asked.unit] != "integer":
        return ""
    ends = reader.one(
        "the range of units", f"SELECT min({unit}) AS a, max({unit}) AS b FROM {identifier(ROWS)}"
    )
    low, high = int(ends["a"]), int(ends["b"])
    if high - low >= min(SPARSE * kept, BITS) or max(abs(low), abs(high)) >= 2**62:
        return ""
    return f"bit_count(bitstring_agg({unit}::BIGINT, {low}::BIGINT, {high}::BIGINT))"


def _first(table: Any) -> Any:
    return table.column(0)[0].as_py()
