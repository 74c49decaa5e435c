"""The page around the sections: one self-contained file that makes no request."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from causal.base.catalog import members
from causal.reporting._view import Figure, Section

_UNIT = re.compile(r"(\d) pp\b")
FAMILIES = {
    "experiment": "causal.reporting.experiment",
    "two-sided": "causal.reporting.two_sided",
    "rollout": "causal.reporting.rollout",
    "movement": "causal.reporting.movement",
    "exposure": "causal.reporting.exposure",
}
EYEBROWS = {
    "experiment": "Experiment readout",
    "rollout": "Rollout",
    "movement": "Why it moved",
    "exposure": "What exposure is worth",
}
MOST_EMBEDDED = 250_000  # characters of result.json that the page carries itself


def sections(result: Mapping[str, Any]) -> list[Section]:
    """Ask every section what it has to say, in the order of their numbers."""
    study = result.get("study", {})
    family = FAMILIES.get(str(study.get("family") or study.get("kind")), "causal.reporting")
    found = [member.section(result) for member in members(family).values()]
    return sorted((each for each in found if each is not None), key=lambda each: each.order)


def html(result: Mapping[str, Any]) -> str:
    """Render a result as a self-contained page.

    Parameters
    ----------
    result
        Content as ``docs/result.md`` has it, already rounded as it is written to disk.

    Returns
    -------
    str
        The page; the same bytes for the same content.
    """
    study = result.get("study", {})
    return page(
        sections(result),
        name=str(study.get("name", "")),
        eyebrow=EYEBROWS.get(str(study.get("kind")), "Attribution report"),
    )


def page(listed: Sequence[Section], *, name: str, eyebrow: str = "Attribution report") -> str:
    """Render sections, the first on top, as a self-contained page that makes no request.

    Parameters
    ----------
    listed
        At least one section, in order.
    name
        Name of the study, shown over the title.
    eyebrow
        What kind of page it is.
    """
    style, script = _asset("style.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return str(
        _environment()
        .get_template("page.html.j2")
        .render(
            policy=policy,
            style=_trusted(style),
            script=_trusted(script),
            top=listed[0],
            sections=listed[1:],
            chapters=_chapters(listed[1:]),
            made=_made(),
            report=name,
            eyebrow=eyebrow,
            drawn=_Drawn(),
        )
    )


class _Drawn:
    """Draws each figure, with ids that follow its section and its place in it."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def __call__(self, figure: Figure, section: str) -> Any:
        from causal.reporting._svg import drawing

        place = self._places[section] = self._places.get(section, 0) + 1
        return _trusted(
            drawing(
                figure.draw(),
                name=f"{section}-{place}",
                title=figure.title,
                describe=figure.describe,
            )
        )


def _chapters(listed: Sequence[Section]) -> list[tuple[str, str]]:
    """First section of each chapter: (its id, the chapter)."""
    seen: dict[str, str] = {}
    for each in listed:
        seen.setdefault(each.chapter, each.id)
    return [(target, chapter) for chapter, target in seen.items()]


def _made() -> str:
    """Date the page: only when SOURCE_DATE_EPOCH says so, for there is no clock here."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given.isdigit():
        return ""
    return datetime.fromtimestamp(int(given), tz=UTC).date().isoformat()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (files("causal.reporting") / "templates" / name).read_text("utf-8").strip()


def _trusted(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own assets and drawings, escaped where made


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import escape

    environment = Environment(
        loader=PackageLoader("causal.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_tied,
    )
    environment.filters["exact"] = escape
    environment.filters["embedded"] = _embedded
    return environment


def _tied(value: Any) -> Any:
    """Keep a number and its unit on one line; markup and what is to be copied stay as they are."""
    return _UNIT.sub("\\1\u00a0pp", value) if type(value) is str else value


def _embedded(text: str) -> Any:
    """Make JSON safe inside a script element: no character that could end it."""
    safe = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return _trusted(safe)
