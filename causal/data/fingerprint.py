"""The fingerprint of a table: its content, whatever the order of rows or the engine.

Each cell becomes 64 bits: a number the bits of its double (true is 1, whole numbers beyond 2**53
their decimal text), a time its microseconds since 1970, text and missing values a digest. The
cells of a row, by column name, are mixed into two words of 64 bits; the words are summed over the
rows; the sums, the number of rows, and the names and types of the columns are digested together.
Only BLAKE2b and integer arithmetic are used, so it depends on no library and no machine.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from causal.data.values import EXACT, Values, encode, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from causal.data.panel import BoolArray

Words = npt.NDArray[np.uint64]


def fingerprint(columns: Iterable[Values]) -> str:
    """Digest the content of columns of equal length; 32 hexadecimal digits."""
    ordered = sorted(columns, key=lambda column: column.name)
    rows = len(ordered[0].cells) if ordered else 0
    words = [_words(column) for column in ordered]
    sums = [_sum(words, rows, salt) for salt in (1, 2)]
    schema = [f"{column.name}\x1f{_class(column)}" for column in ordered]
    text = "\x1e".join([str(rows), *(str(each) for each in sums), *schema])
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _sum(columns: list[Words], rows: int, salt: int) -> int:
    mixed = np.full(rows, salt, dtype=np.uint64)
    for words in columns:
        mixed = _mix(mixed ^ words)
    return int(mixed.sum(dtype=np.uint64))


def _class(column: Values) -> str:
    return "number" if column.numeric else column.type


def _words(column: Values) -> Words:
    """One word for each cell, shape (rows,)."""
    if column.type == "text":
        return _digested(column)
    if column.type == "time":
        filled = column.cells.fill_null(0).to_numpy(zero_copy_only=False)
        words = np.asarray(filled, dtype=np.int64).view(np.uint64).copy()
    else:
        found = numbers(column)
        words = (np.where(np.isnan(found), 0.0, found) + 0.0).view(np.uint64)
        large: BoolArray = np.abs(found) > EXACT
        if column.type == "integer" and large.any():
            words = np.where(large, _digested(column), words)
    words = _mix(words)
    words[column.missing] = _digest("missing:")
    return words


def _digested(column: Values) -> Words:
    coded = encode(column)
    table = [_digest(f"text:{label}") for label in coded.labels]
    return np.array([*table, _digest("missing:")], dtype=np.uint64)[coded.codes]


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _mix(words: Words) -> Words:
    """Spread each word over its 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
