"""What a report says first: its title, the line under it, and why nothing may be said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Title, subtitle, the state they are said in, and why nothing may be said."""

    title: str
    subtitle: str
    state: str
    greyed: bool
    reason: str | None = None
