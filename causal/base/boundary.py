"""The boundary around engines: their errors and warnings stop here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from causal.base.errors import CausalError, EngineError


@contextmanager
def boundary(engine: str, doing: str) -> Iterator[None]:
    """Run an engine: its warnings are muted, its errors become one :class:`EngineError`.

    Parameters
    ----------
    engine
        The library, as a reader knows it.
    doing
        What it was asked to do, for the message.

    Raises
    ------
    EngineError
        For any exception of the engine; our own errors and interrupts pass unchanged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CausalError:
        raise
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise EngineError(
            f"{engine} failed while {doing}: {type(error).__name__}: {first}. "
            "If the study and the data look right, report this with the study file."
        ) from error
