"""Parts of an interrupted run are taken up again; those of another run are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from causal.base.kept import Kept


def test_a_part_is_made_once(tmp_path: Path) -> None:
    kept = Kept(folder=tmp_path / "unfinished", key="a")
    first = kept.part("fit", lambda: np.arange(3))
    again = kept.part("fit", lambda: pytest.fail("made twice"))
    np.testing.assert_array_equal(first, again)


def test_another_key_has_parts_of_its_own(tmp_path: Path) -> None:
    Kept(folder=tmp_path, key="a").part("fit", lambda: 1)
    assert Kept(folder=tmp_path, key="b").part("fit", lambda: 2) == 2


def test_a_part_cut_short_is_made_again(tmp_path: Path) -> None:
    kept = Kept(folder=tmp_path, key="a")
    kept.part("fit", lambda: list(range(1000)))
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:20])
    assert kept.part("fit", lambda: "new") == "new"


def test_nothing_is_left_when_it_is_forgotten(tmp_path: Path) -> None:
    kept = Kept(folder=tmp_path / "unfinished", key="a")
    kept.part("fit", lambda: 1)
    kept.forget()
    assert not (tmp_path / "unfinished").exists()
