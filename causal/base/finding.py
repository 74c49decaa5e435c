"""A check's answer, in words and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

Cell = str | float | int | bool | None


class Status(StrEnum):
    """How a check came out."""

    PASS = "PASS"  # noqa: S105
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found, what it means and what to do.

    ``blocks`` says what a FAIL stops: the whole ``page`` (effects are grey and carry no verdict),
    the ``design`` (its rows become not estimable; only ``designs`` and ``attributes`` when
    named), or ``none``. ``detail`` is a small table that the page shows under the finding.
    """

    name: str
    status: Status
    meaning: str
    remedy: str = ""
    statistic: float | None = None
    threshold: float | None = None
    blocks: Literal["page", "design", "none"] = "none"
    designs: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    starts: date | None = None
    ends: date | None = None
    columns: tuple[str, ...] = ()
    detail: tuple[Mapping[str, Cell], ...] = ()
