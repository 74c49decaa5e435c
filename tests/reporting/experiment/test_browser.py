"""A readout in headless Chromium: quiet, readable by anybody, and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from causal.reporting._result import Result
from tests.reporting._browser import Opened

KINDS = ("healthy", "invalid", "shared")


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    def save(kind: str) -> Path:
        result: Result = request.getfixturevalue(kind)
        return result.save(tmp_path_factory.mktemp(kind)) / "report.html"

    return save


@pytest.mark.parametrize("kind", KINDS)
def test_it_asks_for_nothing_but_itself_and_fits_a_phone(browser: Any, saved: Any, kind: str):
    file = saved(kind)
    shown = Opened(browser, file)
    assert shown.asked == [file.as_uri()]
    assert shown.wrong == []
    shown.page.set_viewport_size({"width": 390, "height": 844})
    shown.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 390
    shown.context.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_every_section_open(
    browser: Any, saved: Any, kind: str, scheme: str
):
    import axe_core_python

    shown = Opened(browser, saved(kind), color_scheme=scheme, bypass_csp=True)
    shown.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    shown.page.add_script_tag(path=Path(axe_core_python.__file__).parent / "axe.min.js")
    found = shown.page.evaluate("async () => (await axe.run(document)).violations")
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []
    shown.context.close()
