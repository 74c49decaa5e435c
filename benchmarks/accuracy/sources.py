"""Which code made a result: a result is stale when that code has changed."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SHARED = (HERE / "drawing.py",)
OTHERS = (HERE / "peers" / "_asked.py",)
OURS = (HERE / "peers" / "_fitted.py", ROOT / "causal" / "evaluation" / "_effects.py")
LOOKED_UP = (HERE / "peers" / "_looked_up.py",)


def key(world: ModuleType, peer: ModuleType) -> str:
    """Name the code behind a (world, peer): its files and the versions of its packages.

    Files count by what they do: comments, docstrings and layout change nothing. The estimation
    sources of this package count for peers that use them, and of those the ones that are reached.
    """
    files = [_file(world), _file(peer), *SHARED]
    name = peer.__name__.rsplit(".", 1)[-1]
    if peer.OURS:
        files += [*OURS, *reached(OURS)]
    if peer.OURS and name != "ours":
        files += LOOKED_UP
    if name != "ours":
        files += OTHERS
    versions = [f"{package} {version(package)}" for package in peer.PACKAGES]
    return _digest([*(code(file) for file in files), *versions])


def reached(files: Iterable[Path]) -> list[Path]:
    """Estimation sources that files import, directly or through one another, in order of name."""
    found: set[Path] = set()
    ahead = list(files)
    while ahead:
        for node in ast.walk(ast.parse(ahead.pop().read_text("utf-8"))):
            parts = (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
            file = ROOT.joinpath(*parts).with_suffix(".py")
            if parts[:2] == ["causal", "estimation"] and file.is_file() and file not in found:
                found.add(file)
                ahead.append(file)
    return sorted(found)


def _file(module: ModuleType) -> Path:
    return Path(str(module.__file__))


@cache
def version(package: str) -> str:
    """The installed version of a package, or 'none'."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


@cache
def code(file: Path) -> str:
    """What a file does, without comments, docstrings and layout."""
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            del body[0]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=6).hexdigest()
