"""Parquet files, one or a pattern of several, read by the embedded engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.data.sources._files import PARQUET, ending, open_files

if TYPE_CHECKING:
    from causal.data.request import Request
    from causal.data.sources._connection import Connection


def open_source(request: Request) -> Connection | None:
    """Open parquet files; None when the source is of another kind."""
    if "://" in request.source or ending(request.source) not in PARQUET:
        return None
    return open_files(request)
