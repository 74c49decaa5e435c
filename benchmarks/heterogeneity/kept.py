"""Cases on disk: one JSON file each, in ``cases``, with the versions that made its numbers."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

CASES = Path(__file__).resolve().parent / "cases"
PACKAGES = ("econml", "lightgbm", "numpy", "scikit-learn")
Content = dict[str, Any]


def is_done(name: str) -> bool:
    """Whether a case has been run."""
    return _file(name).exists()


def load(name: str) -> Content | None:
    """A case's numbers, when it has been run."""
    return json.loads(_file(name).read_text("utf-8")) if is_done(name) else None


def save(name: str, content: Content) -> None:
    """Keep a case's numbers; the file is never there in part."""
    whole = content | {"versions": {package: version(package) for package in PACKAGES}}
    CASES.mkdir(exist_ok=True)
    part = _file(name).with_suffix(".part")
    part.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", "utf-8")
    part.rename(_file(name))


def _file(name: str) -> Path:
    return CASES / f"{name}.json"
