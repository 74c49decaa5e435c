"""Errors a user can act on: what, where, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CausalError(Exception):
    """The input cannot be used. The command line prints the message and exits with code 2."""


class StudyError(CausalError):
    """The study file is wrong."""


class DataError(CausalError):
    """The table is wrong, or does not hold what the study names."""


class DesignError(CausalError):
    """The question cannot be answered as asked, for instance with a bad control."""


class EngineError(CausalError):
    """A library below us failed."""


class ResultError(CausalError):
    """A saved result cannot be read, rendered or verified."""


def nearest(name: str, allowed: Iterable[object]) -> str:
    """Say which allowed name comes nearest, or nothing.

    >>> nearest("attribtes", ["attributes", "outcomes"])
    " Did you mean 'attributes'?"
    >>> nearest("zzz", ["attributes"])
    ''
    """
    names = [str(each) for each in allowed]
    folded = {each.casefold(): each for each in reversed(names)}
    match = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return f" Did you mean '{folded[match[0]]}'?" if match else ""


def listing(names: Iterable[object], most: int = 20) -> str:
    """Write names for a message, at most so many.

    >>> listing(["b", "a"])
    "'b', 'a'"
    """
    given = [f"'{each}'" for each in names]
    tail = f" and {len(given) - most} more" if len(given) > most else ""
    return ", ".join(given[:most]) + tail
