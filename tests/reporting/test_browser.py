"""The page in headless Chromium: it works, with script and without, and asks nobody anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from causal.reporting._result import Result, load, rounded
from tests.reporting._browser import Opened

Content = dict[str, Any]


@pytest.fixture(scope="module")
def file(whole: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Result(content=whole).save(tmp_path_factory.mktemp("page")) / "report.html"


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Opened]:
    shown = Opened(browser, file, permissions=["clipboard-read", "clipboard-write"])
    yield shown
    shown.context.close()


def test_it_asks_for_nothing_but_itself_and_makes_no_error(opened: Opened, file: Path):
    opened.page.mouse.wheel(0, 20_000)
    opened.page.wait_for_timeout(100)
    assert opened.asked == [file.as_uri()]
    assert opened.wrong == []


def test_hostile_text_stays_text(opened: Opened):
    assert opened.page.locator("img").count() == 0
    assert "onerror=alert(1)" in opened.page.inner_text("#effects")
    assert opened.wrong == []


def test_a_table_sorts_by_its_numbers_up_and_down(opened: Opened):
    table = opened.page.locator("#effects table").first
    head = table.locator("thead th").nth(1)

    def numbers() -> list[float]:
        return [
            float(each)
            for each in table.locator("tbody tr td:nth-child(2)").evaluate_all(
                "cells => cells.map(cell => cell.dataset.v)"
            )
        ]

    before = numbers()
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert numbers() == sorted(before)
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert numbers() == sorted(before, reverse=True)
    table.locator("thead th button").first.click()
    names = table.locator("tbody th").all_inner_texts()
    assert names == sorted(names)
    assert head.get_attribute("aria-sort") is None


def test_the_closed_chapter_opens_by_hand_and_by_its_link(opened: Opened):
    chapter = opened.page.locator("#methods details.whole")
    assert not chapter.evaluate("each => each.open")
    chapter.locator("summary").first.click()
    assert chapter.evaluate("each => each.open")
    chapter.locator("summary").first.click()
    opened.page.locator("nav a[href='#methods']").click()
    assert chapter.evaluate("each => each.open")
    assert opened.page.locator("#methods").get_by_text("What is held fixed, and why").is_visible()


def test_the_line_to_paste_is_copied_as_it_is(opened: Opened):
    code = opened.page.locator("#reproduce figure.code").first
    code.get_by_role("button", name="copy").click()
    code.get_by_role("button", name="copied").wait_for()
    assert (
        opened.page.evaluate("navigator.clipboard.readText()") == "causal run headline-style.yaml"
    )


def test_the_downloaded_result_renders_the_same_page(
    opened: Opened, content: Content, file: Path, tmp_path: Path
):
    with opened.page.expect_download() as waiting:
        opened.page.locator(".download button").click()
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    assert json.loads(saved.read_text("utf-8")) == rounded(content)
    assert load(saved).html().encode() == file.read_bytes()


def test_it_reads_without_script(browser: Any, file: Path):
    shown = Opened(browser, file, java_script_enabled=False)
    assert shown.page.locator("h1").inner_text().startswith("Question mark lowers CTR")
    assert shown.page.locator("th button").count() == 0
    shown.page.locator("#methods summary").first.click()
    assert shown.page.get_by_text("What is estimated").is_visible()
    shown.context.close()


@pytest.mark.parametrize("variant", ["content", "failed", "refused", "small"])
def test_a_phone_needs_no_sideways_scroll(
    browser: Any, variant: str, request: pytest.FixtureRequest, tmp_path: Path
):
    page = Result(content=request.getfixturevalue(variant)).save(tmp_path) / "report.html"
    shown = Opened(browser, page)
    shown.page.set_viewport_size({"width": 390, "height": 844})
    shown.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    width = shown.page.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    shown.context.close()


def test_dark_mode_turns_page_and_charts_dark(browser: Any, file: Path):
    shown = Opened(browser, file, color_scheme="dark")
    colours = shown.page.evaluate("""() => {
      const of = (query, key) => getComputedStyle(document.querySelector(query))[key];
      return [of("body", "backgroundColor"), of("svg.chart text", "fill")];
    }""")
    paper, ink = (sum(map(int, each[4:-1].split(","))) for each in colours)
    assert paper < 150
    assert ink > 550
    shown.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_every_section_open(browser: Any, file: Path, scheme: str):
    import axe_core_python

    shown = Opened(browser, file, color_scheme=scheme, bypass_csp=True)
    shown.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    shown.page.add_script_tag(path=Path(axe_core_python.__file__).parent / "axe.min.js")
    found = shown.page.evaluate("async () => (await axe.run(document)).violations")
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []
    shown.context.close()


def test_print_opens_the_method_chapter_and_keeps_the_answer_on_the_first_page(
    browser: Any, file: Path
):
    shown = Opened(browser, file)
    shown.page.emulate_media(media="print")
    assert shown.page.get_by_text("What is held fixed, and why").is_visible()
    assert not shown.page.locator("nav").is_visible()
    assert shown.page.pdf(format="A4").startswith(b"%PDF-")
    shown.page.set_viewport_size({"width": 688, "height": 1017})  # A4 less its margins, in CSS px
    box = shown.page.locator("#answer").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 1017
    shown.context.close()


def test_the_nodes_stay_few_with_what_the_script_adds(opened: Opened):
    assert opened.page.evaluate("document.querySelectorAll('*').length") < 5_000


def test_the_page_is_quick(browser: Any, file: Path):
    """Parsing, layout and script together stay under a second of the main thread."""
    shown = Opened(browser, file)
    spent = shown.page.context.new_cdp_session(shown.page)
    spent.send("Performance.enable")
    metrics = {
        each["name"]: each["value"] for each in spent.send("Performance.getMetrics")["metrics"]
    }
    assert metrics["ScriptDuration"] + metrics["LayoutDuration"] < 1.0
    shown.context.close()


def test_a_notebook_shows_the_page_inside_its_sandbox(browser: Any, whole: Content, tmp_path: Path):
    notebook = tmp_path / "notebook.html"
    bundle = Result(content=whole)._repr_mimebundle_()
    notebook.write_text("<!doctype html><meta charset=utf-8>" + bundle["text/html"], "utf-8")
    shown = Opened(browser, notebook)
    frame = shown.page.frame_locator("iframe")
    assert frame.locator("h1").inner_text().startswith("Question mark lowers CTR")
    frame.locator("#effects thead th button").nth(1).click()
    assert frame.locator("#effects thead th").nth(1).get_attribute("aria-sort") == "ascending"
    assert shown.wrong == []
    shown.context.close()
