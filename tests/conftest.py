"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def _quantiles_once() -> Iterator[None]:
    """Chi-square quantiles of the same degrees of freedom are computed once, not in every run."""
    from causal.estimation import _inference

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_inference, "_root_mean_square", lru_cache(256)(_inference._root_mean_square))
        yield


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Reference data that is not shipped: CAUSAL_TEST_DATA, by default beside the project."""
    folder = Path(os.environ.get("CAUSAL_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder.name!r}: set CAUSAL_TEST_DATA to run this test")
    return folder
