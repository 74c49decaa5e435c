"""Families of members: every file of a family package is one member, found by its name."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType


def members(package: str) -> dict[str, ModuleType]:
    """Import every member of a family, by name, sorted.

    A file whose name starts with ``_`` is shared machinery and no member. Members import no
    engine at top level, so this is quick.

    Parameters
    ----------
    package
        Dotted name of the family, for instance ``"causal.diagnostics"``.

    Examples
    --------
    >>> "naive" in members("causal.design.identification")
    True
    """
    return {name: importlib.import_module(f"{package}.{name}") for name in names(package)}


def names(package: str) -> tuple[str, ...]:
    """Name every member of a family, sorted, without importing any.

    >>> "naive" in names("causal.design.identification")
    True
    """
    found = importlib.util.find_spec(package)
    home = found.submodule_search_locations if found else None
    return tuple(
        sorted(
            info.name
            for info in pkgutil.iter_modules(home or [])
            if not info.name.startswith("_") and not info.ispkg
        )
    )
