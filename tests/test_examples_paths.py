"""The shipped studies of paths, on a small world with known answers."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.data.platform import TESTS, UNIT, Settings, World, simulate
from causal.data.platform.effects import click_effect
from causal.data.platform.item_tables import path_impressions, separable, separable_items
from causal.data.read import read_frame
from causal.design.identification import exploration_within
from causal.design.reading import of_attributes
from causal.design.request import request
from causal.estimation._fit import fit_design
from causal.estimation._inference import infer
from causal.estimation.paths._paths import find_paths

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ROOT / "datasets" / "platform"


def test_cells_split_what_a_video_does_for_an_item() -> None:
    world = simulate(Settings(seed=1, size=TESTS), separable("video", 0.05))
    study = causal.read_study(PLATFORM / "separable.yaml")
    found = causal.run(study, table=pd.DataFrame(dict(separable_items(world))), workers=1)
    rows = {row["path"]: row for row in found.content["effects"]
            if (row["design"], row["outcome"]) == ("separable cells", "clicks")}  # fmt: skip
    # Worlds in which the cells change places give 1.2, 3.5 and 4.6 clicks an item.
    for path, truth in {"user": 1.2, "ranker": 3.5, "total": 4.6}.items():
        assert rows[path]["simultaneous_low"] < truth < rows[path]["simultaneous_high"]
    assert rows["ranker"]["verdict"] == "raises"
    assert not found.failed


@pytest.fixture(scope="module")
def log() -> tuple[World, pd.DataFrame]:
    world = simulate(Settings(seed=2, size=UNIT))
    return world, pd.DataFrame(dict(path_impressions(world)))


def test_a_log_tells_the_ranker_from_the_users(log) -> None:
    world, table = log
    study = of_attributes(causal.read_study(PLATFORM / "paths.yaml"))
    panel = read_frame(table, request(study))
    design = exploration_within.identify(study, panel)
    made = find_paths(study, panel, (fit_design(study, panel, design),)).estimates
    read = infer(made, level=0.95, multiplicity="simultaneous", seed=1, family="f")
    ends = {
        (label.design, label.path): (read.simultaneous_low[i], read.simultaneous_high[i])
        for i, label in enumerate(made.labels)
    }
    effect = click_effect(world, "video")
    explored = world.requests.explored[world.impressions.request]
    truths = {
        ("exploration traffic", "user"): effect[explored].mean(),
        ("weighted to production", "user"): effect[~explored].mean(),
    }
    for key, truth in truths.items():
        assert ends[key][0] < truth < ends[key][1], key
    assert ends["replay", "ranker"][0] > 0
    assert np.isfinite(read.std_error).all()


def test_the_ranker_of_the_platform_is_read_off_its_log(log) -> None:
    world, table = log
    study = causal.read_study(PLATFORM / "paths.yaml")
    findings = causal.check(study, table=table)
    replay = next(each for each in findings if each.name == "replay")
    assert replay.status.value == "PASS"
    ranker = world.settings.distribution.ranker
    assert f"{np.exp(ranker.video / ranker.temperature):.2f}" in replay.meaning


@pytest.mark.parametrize("at", [0, 1])
def test_the_studies_of_the_page_can_be_read(at: int, tmp_path: Path) -> None:
    shown = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "paths.md").read_text(), re.DOTALL)
    (tmp_path / "study.yaml").write_text(shown[at])
    assert causal.read_study(tmp_path / "study.yaml").exposure is not None
