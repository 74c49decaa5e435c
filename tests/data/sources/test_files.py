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
    with pytest.raises(DataError, match=r"(?s)data.source.*tone"):
        read(ask(tmp_path / "part-*.parquet"))


def test_a_shown_source_has_no_password():
    shown = without_password("postgresql://me:p@ss@host:1/shop?password=x")
    assert shown == "postgresql://host:1/shop"


@pytest.mark.parametrize(
    "text",
    [
        "id,tone,clicks,impressions\n1,a,1\n2,b,2,10\n3,a,1,10\n",
        "id,tone,clicks,impressions\n1,a,1,10\n2,b,2,10,7\n",
        "1,a,1,10\n2,b,2,10\n",
        "id,tone,clicks,impressions\n",
        "",
    ],
)
def test_csv_with_lines_that_do_not_fit_is_refused_never_skipped(ask, tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError):
        read(ask(tmp_path / "t.csv"))


def test_csv_that_is_no_utf8_says_so(ask, tmp_path):
    (tmp_path / "t.csv").write_bytes("id,tone\n1,é\n2,ü\n".encode("latin-1"))
    with pytest.raises(DataError, match="not utf-8"):
        read(ask(tmp_path / "t.csv"))


def test_the_shipped_packages_are_complete(ask, root):
    panel = read(
        ask(
            root / "datasets" / "upworthy" / "packages.parquet",
            data={"derive": {"question": "headline LIKE '%?%'"}},
            unit="package_id",
            cluster="test_id",
            block=["test_id", "eyecatcher_id"],
            weight="impressions",
            attributes=["question"],
        )
    )
    ctr = panel.outcomes["ctr"]
    assert panel.rows == 22_666
    assert (ctr.numerator.sum(), ctr.denominator.sum()) == (1_231_208, 81_024_151)
    assert panel.clusters[0].max() + 1 == 4_873
    assert panel.count_name == "impressions"
