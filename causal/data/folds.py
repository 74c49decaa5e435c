r"""Folds and cluster codes: the same on every engine, for any order of rows.

The fold of a row is ``md5(f"{seed}:{key}")``, its first 15 hexadecimal digits read as an integer,
modulo the number of folds. The key is the portable text (:class:`causal.data.values.Encoded`) of
the first ``cluster`` column, else of the ``block`` columns, else of the ``unit`` columns, joined by
the character 0x1F, with ``\N`` for a missing part; else the position of the row. Fifteen digits
are 60 bits, which every engine can hold in a signed integer.
"""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causal.data.panel import IntArray
    from causal.data.values import Encoded

_DIGITS = 15
_MISSING = "\\N"
_JOIN = "\x1f"


def fold_of(key: str, folds: int, seed: int) -> int:
    """Find the fold of one key.

    >>> fold_of("a", 5, 1)
    2
    """
    digest = md5(f"{seed}:{key}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:_DIGITS], 16) % folds


def folds_of(codes: IntArray, keys: Sequence[str], folds: int, seed: int) -> IntArray:
    """Find the fold of each row, shape (rows,), from the code of its key."""
    table = np.array([fold_of(key, folds, seed) for key in keys], dtype=np.int64)
    return table[codes]


def joint(parts: Sequence[Encoded]) -> tuple[IntArray, list[str]]:
    """Code the tuple of several columns, in their order; a missing part is its own level.

    Returns
    -------
    tuple
        Codes of shape (rows,) from 0 without gaps, and the key of each code.
    """
    codes = parts[0].codes + 1
    for part in parts[1:]:
        size = len(part.labels) + 1
        _, codes = np.unique(codes, return_inverse=True)
        codes = codes * size + part.codes + 1
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    texts = [_text(parts, int(row)) for row in first]
    return codes.astype(np.int64), texts


def _text(parts: Sequence[Encoded], row: int) -> str:
    codes = [int(part.codes[row]) for part in parts]
    pairs = zip(parts, codes, strict=True)
    return _JOIN.join(_MISSING if code < 0 else part.labels[code] for part, code in pairs)
