"""Files: parquet, CSV and patterns give one panel."""

from __future__ import annotations

import pytest

from causal.base.errors import DataError
from causal.data.read import read, read_frame
from causal.data.sources._connection import without_password


def test_parquet_csv_patterns_and_frames_give_the_same_panel(frame, ask, tmp_path, study, same):
    frame.to_parquet(tmp_path / "all.parquet")
    frame.to_csv(tmp_path / "all.csv", index=False)
    frame.to_csv(tmp_path / "all.tsv.gz", index=False, sep="\t")
    for part in range(3):
        frame.iloc[part::3].to_parquet(tmp_path / f"part-{part}.parquet")
        frame.iloc[part::3].to_csv(tmp_path / f"part-{part}.csv", index=False)
    whole = read(ask(tmp_path / "all.parquet", **study))
    for name in ("part-*.parquet", "all.csv", "all.tsv.gz", "part-*.csv"):
        same(whole, read(ask(tmp_path / name, **study)))
    same(whole, read_frame(frame, ask(**study)))


def test_an_empty_cell_of_csv_is_missing(ask, tmp_path):
    (tmp_path / "t.csv").write_text("id,tone,clicks,impressions\n1,a,,10\n2,,1,20\n3,b,2,10\n")
    panel = read(ask(tmp_path / "t.csv"))
    assert panel.columns["tone"].missing.tolist() == [False, True, False]


def test_parts_without_a_column_are_refused(frame, ask, tmp_path):
    frame.iloc[:60].to_parquet(tmp_path / "part-0.parquet")
    frame.iloc[60:].drop(columns="tone").to_parquet(tmp_path / "part-1.parquet")
    with pytest.raises(DataError, match="(?s)data.source.*tone"):
        read(ask(tmp_path / "part-*.parquet"))


def test_a_shown_source_has_no_password():
    shown = without_password("postgresql://me:p@ss@host:1/shop?password=x")
    assert shown == "postgresql://host:1/shop"
