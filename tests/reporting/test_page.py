"""The page: same bytes, small, self-contained, and inert to text from data."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from causal.reporting._page import html, sections
from causal.reporting._result import Result, rounded
from causal.reporting._view import Details, Figure, Group

Content = dict[str, Any]
SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE = "</script><img src=x onerror=alert(1)>"


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.raw.append((self._inside, data))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


@pytest.fixture(scope="session")
def page(whole: Content) -> str:
    return html(rounded(whole))


@pytest.fixture(scope="session")
def elements(page: str) -> Elements:
    return Elements(page)


def compared(text: str, name: str) -> None:
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text, f"UPDATE_SNAPSHOTS=1 renews {name}; look at the diff"


def normal(page: str) -> str:
    """A page without what other tests cover: style, script, drawings and the embedded result."""
    page = re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.DOTALL)
    page = re.sub(r"<script[ >].*?</script>", "<script/>", page, flags=re.DOTALL)
    page = re.sub(r"</desc>.*?</svg>", "</desc>...</svg>", page, flags=re.DOTALL)
    page = re.sub(r"'sha256-[^']+'", "'sha256-...'", page)
    return re.sub(r"\s*\n\s*", "\n", page.replace("><", ">\n<")).strip() + "\n"


def test_the_page_of_a_small_result_is_as_it_was(small: Content):
    compared(normal(html(rounded(small))), "small.html")


@pytest.mark.parametrize("name", ["content", "failed", "refused"])
def test_what_the_page_says_is_as_it_was(name: str, request: pytest.FixtureRequest):
    compared(Result(content=request.getfixturevalue(name)).text(), f"{name}.txt")


def test_rendering_twice_gives_the_same_bytes(content: Content, page: str):
    assert html(rounded(content)) == page


def test_another_hash_seed_gives_the_same_bytes(content: Content, page: str, tmp_path: Path):
    file = tmp_path / "result.json"
    Result(content=content).save(tmp_path)
    code = (
        "import sys; from causal.reporting._result import load; "
        "sys.stdout.buffer.write(load(sys.argv[1]).html().encode())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    ran = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        capture_output=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert ran.stdout == page.encode()


def test_a_date_is_printed_only_when_the_environment_sets_one(
    small: Content, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert "2026-11-22" not in html(rounded(small))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")
    assert "2026-11-22" in html(rounded(small))


def test_the_page_keeps_its_budgets(page: str, elements: Elements):
    assert len(page.encode()) < 500_000
    assert len(elements.found) < 5_000
    script = [text for tag, text in elements.raw if tag == "script"][-1]
    assert len(script.encode()) < 3_000


def test_a_large_study_keeps_the_budgets(content: Content):
    """Twenty attributes, four outcomes, five designs: rows beyond the caps are counted."""
    rows, kinds = [], []
    source = next(each for each in content["effects"] if each["design"] == "within")
    names = [f"attribute_{place:02d}" for place in range(20)]
    designs = ["naive", "adjusted", "within", "exploration", "exploration x within"]
    content["outcomes"] = [content["outcomes"][0] | {"name": f"outcome_{m}"} for m in range(4)]
    for outcome in content["outcomes"]:
        for design in designs:
            rows += [
                source | {"attribute": name, "outcome": outcome["name"], "design": design}
                for name in names
            ]
    kinds = [
        {"name": name, "kind": "binary", "contrasts": ["1 - 0"], "tier": 1, "share": 0.1}
        for name in names
    ]
    content.update(effects=rows, attributes=kinds, marker_or_lever=[], over_time=[])
    content["designs"] = [content["designs"][0] | {"name": name} for name in designs]
    content["agreement"] = [
        content["agreement"][0] | {"attribute": name, "outcome": "outcome_0", "first": first}
        for name in names
        for first in designs
    ]
    content["segments"] = [
        each | {"attribute": name, "outcome": "outcome_0"}
        for name in names
        for each in content["segments"][:3]
    ]
    given = html(rounded(content))
    found = Elements(given)
    assert len(found.found) < 5_000
    assert len(given.encode()) < 2_000_000
    assert "more rows are in the result, not on the page" in given


def test_ids_are_unique_and_every_reference_has_its_target(elements: Elements):
    ids = Counter(each["id"] for _, each in elements.found if each.get("id"))
    assert {name for name, times in ids.items() if times > 1} == set()
    for _, each in elements.found:
        href = each.get("href") or ""
        assert (href.startswith("#") and href[1:] in ids) or not href
        for key in ("aria-labelledby", "aria-describedby"):
            assert set((each.get(key) or "").split()) <= set(ids)


def test_nothing_on_the_page_can_reach_the_network(page: str, elements: Elements):
    assert "http://" not in page
    assert "https://" not in page
    banned = {"img", "link", "iframe", "object", "embed", "form", "base", "audio", "video"}
    assert banned.isdisjoint(tag for tag, _ in elements.found)
    assert not any(
        key in ("src", "style", "srcset") or key.startswith("on")
        for _, each in elements.found
        for key in each
    )


def test_the_policy_allows_exactly_our_own_style_and_script(elements: Elements):
    policy = (
        next(
            each["content"]
            for _, each in elements.found
            if each.get("http-equiv") == "Content-Security-Policy"
        )
        or ""
    )
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    texts = [text for _, text in elements.raw if not text.startswith('{"')]
    for text in texts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("sha256-") == len(texts) == 2


def test_hostile_text_is_inert_everywhere(page: str, elements: Elements):
    assert HOSTILE not in page
    assert "onerror=alert(1)&gt;" in page
    scripts = [each for tag, each in elements.found if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "result-json"}, {}]


def test_the_result_in_the_page_is_the_result(content: Content, elements: Elements):
    text = next(text for tag, text in elements.raw if tag == "script" and text.startswith('{"'))
    assert len(text) < 0.7 * len(json.dumps(rounded(content)))
    assert unpacked(json.loads(text)) == rounded(content)


def unpacked(value: Any) -> Any:
    """What the page's script does before it hands the result out."""
    if isinstance(value, dict) and "_rows" in value:
        return [
            dict(zip(value["_columns"], map(unpacked, row), strict=True)) for row in value["_rows"]
        ]
    if isinstance(value, dict):
        return {key: unpacked(each) for key, each in value.items()}
    return [unpacked(each) for each in value] if isinstance(value, list) else value


def test_a_result_too_large_to_carry_is_named_instead(small: Content):
    small["notes"] = ["x" * 300_000]
    small["designs"] = []
    assert "too large to be carried inside it" in html(rounded(small))


def _figures(blocks: Any) -> list[Figure]:
    found = []
    for block in blocks:
        if isinstance(block, Figure):
            found.append(block)
        elif isinstance(block, Details | Group):
            found += _figures(block.blocks)
    return found


def test_every_chart_has_a_table_with_its_numbers(content: Content):
    figures = [each for section in sections(rounded(content)) for each in _figures(section.blocks)]
    assert len(figures) > 10
    assert all(each.table is not None and each.table.rows for each in figures)


def test_small_multiples_share_one_axis(content: Content):
    who = next(each for each in sections(rounded(content)) if each.id == "who")
    ends = {each.draw.keywords["domain"] for each in _figures(who.blocks)}
    assert len(ends) == 1


def test_sections_come_in_one_order_with_the_failed_check_before_the_answer(
    content: Content, failed: Content
):
    for given in (content, failed):
        names = [each.id for each in sections(rounded(given))]
        assert names == [
            "top",
            "findings",
            "answer",
            "effects",
            "ladder",
            "who",
            "when",
            "trade-offs",
            "marker-or-lever",
            "success-model",
            "methods",
            "reproduce",
            "glossary",
        ]


def test_checks_that_all_passed_do_not_lead_the_page(content: Content):
    content["findings"] = [each for each in content["findings"] if each["status"] == "PASS"]
    names = [each.id for each in sections(rounded(content))]
    assert names.index("findings") > names.index("methods")


def test_what_does_not_apply_leaves_no_section(small: Content):
    names = [each.id for each in sections(rounded(small))]
    assert names == ["top", "answer", "effects", "methods", "reproduce", "glossary"]


def test_drawings_carry_no_style_font_or_foreign_id(page: str):
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawings) > 10
    for each in drawings:
        assert 'role="img"' in each
        assert "<title" in each
        assert not re.search(r'(style|font-family|class)="(?!chart)', each)
        assert not re.search(r'(fill|stroke)="#', each)


def test_drawing_is_the_same_however_often_it_was_called(content: Content):
    """vl-convert numbers its clips by call; ours follow section and place."""
    from causal.reporting._forest import forest
    from causal.reporting._svg import drawing

    rows = [
        {"label": "a", "estimate": 0.1, "low": 0.0, "high": 0.2, "tone": "plain", "filled": True}
    ]
    once, again = (
        drawing(forest(rows, axis="x"), name="n-1", title="t", describe="d") for _ in range(2)
    )
    assert once == again
