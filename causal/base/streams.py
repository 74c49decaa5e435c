"""Randomness with a name: adding a step never changes another step's draws."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *label: object) -> np.random.Generator:
    """Open the random stream of this seed and label.

    Parameters
    ----------
    seed
        The study's seed.
    label
        What the draws are for, from the general to the particular.

    Returns
    -------
    numpy.random.Generator
        The same draws for the same seed and label, whatever was drawn elsewhere.

    Examples
    --------
    >>> bool(stream(1, "folds").integers(9) == stream(1, "folds").integers(9))
    True
    """
    return np.random.default_rng([seed, _digest(label)])


def integer_seed(seed: int, *label: object) -> int:
    """Draw one seed below 2**31 for an engine that wants an integer."""
    return int(stream(seed, *label).integers(2**31))


def _digest(label: tuple[object, ...]) -> int:
    text = "/".join(str(part) for part in label).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
