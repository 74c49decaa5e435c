"""Parquet files, one or a pattern of several, read by the embedded engine."""

from __future__ import annotations

from causal.data.request import Request
from causal.data.sources._connection import Connection
from causal.data.sources._files import PARQUET, ending, open_files


def open_source(request: Request) -> Connection | None:
    """Open parquet files; None when the source is of another kind."""
    if "://" in request.source or ending(request.source) not in PARQUET:
        return None
    return open_files(request)
