"""The finished pages: each is what its result gives, and small enough to send."""

from __future__ import annotations

from pathlib import Path

import pytest

import causal

GALLERY = Path(__file__).resolve().parent.parent / "reports" / "gallery"
NAMES = (
    "headline-style",
    "headline-style-all",
    "headline-style-across",
    "online-news",
    "policy-changed",
    "platform-ad-load",
    "platform-creator-boost",
    "platform-pair-boost",
    "platform-clicks-moved",
    "platform-rollout",
    "platform-creator-rollout",
    "platform-switchback",
    "platform-single-market",
    "platform-paths",
    "platform-separable",
    "platform-worth-of-an-impression",
)


def test_the_gallery_holds_every_example():
    assert {each.name for each in GALLERY.iterdir() if each.is_dir()} - {"__pycache__"} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_rendering_the_result_gives_the_page(name):
    page = (GALLERY / name / "report.html").read_bytes()
    made = causal.load(GALLERY / name).html().encode()
    assert made == page, "run make gallery: the page is older than the code"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_under_500_kilobytes(name):
    assert (GALLERY / name / "report.html").stat().st_size < 500_000


@pytest.mark.parametrize("name", NAMES)
def test_a_result_is_of_the_study_as_it_is(name):
    studies = {path.stem: path for path in GALLERY.parents[1].glob("datasets/*/*.yaml")}
    file = "popularity" if name == "online-news" else name.removeprefix("platform-")
    written = studies[file].read_text("utf-8")
    assert causal.load(GALLERY / name).content["study"]["text"] == written


def test_the_page_of_the_broken_period_gives_no_verdict():
    content = causal.load(GALLERY / "headline-style-all").content
    assert content["decision"]["greyed"]
    assert {row["verdict"] for row in content["effects"]} <= {None, "not estimable"}
