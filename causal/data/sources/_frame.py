"""A frame in memory, seen by the embedded engine as the table ``data``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.base.errors import DataError
from causal.data.sources._connection import Connection, distinct_names, first_line, identifier
from causal.data.sources._files import connected, embedded, further_tables, register_files, seal

if TYPE_CHECKING:
    import pandas as pd

    from causal.data.request import Request

_NAME = "frame in memory"


def open_frame(frame: pd.DataFrame, request: Request) -> Connection:
    """Open a frame, and the files under ``data.tables``; the frame is copied, its index left out.

    Raises
    ------
    DataError
        When a column name is no text or repeated, or a column mixes types.
    """
    import pyarrow as pa

    wrong = [name for name in frame.columns if not isinstance(name, str)]
    if wrong:
        raise DataError(
            f"The frame has a column named {wrong[0]!r}. Give every column a text name."
        )
    distinct_names(frame.columns, "The frame")
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise DataError(
            f"The frame cannot be read: {first_line(error)}. Give every column one type."
        ) from error
    backend = embedded()
    backend.con.register(_NAME, table)
    tables, files = register_files(backend, request, further_tables(request))
    seal(backend, files)
    return connected(backend, {"data": identifier(_NAME), **tables})
