"""CSV files, one or a pattern of several, read by the embedded engine.

The first line names the columns. The separator, quotes and types are found by the engine from the
whole file. An empty cell is a missing value. The text is UTF-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.data.sources._files import CSV, ending, open_files

if TYPE_CHECKING:
    from causal.data.request import Request
    from causal.data.sources._connection import Connection


def open_source(request: Request) -> Connection | None:
    """Open CSV files; None when the source is of another kind."""
    if "://" in request.source or ending(request.source) not in CSV:
        return None
    return open_files(request)
