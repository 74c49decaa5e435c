"""Curves keep the order of what they show, also where an interval is missing."""

from __future__ import annotations

from causal.reporting._curves import course


def test_a_day_without_an_interval_stays_where_it_is() -> None:
    days = ["2026-01-19", "2026-01-20", "2026-01-21"]
    rows = [{"x": day, "estimate": 1.0, "low": 0.5, "high": 1.5} for day in days]
    rows[0] |= {"low": None, "high": None}
    drawn = course(rows, axis="", across="").to_dict()
    domains = [
        layer["encoding"]["x"]["scale"]["domain"]
        for layer in drawn["layer"]
        if "x" in layer.get("encoding", {})
    ]
    assert domains == [days, days]
