"""Runs that are kept: what was measured is not measured again, unless its code has changed."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.accuracy.sources import ROOT, code
from causal.data.panel import FloatArray

RESULTS = Path(__file__).resolve().parent / "results"
COUNTED = (("causal", "estimation"), ("benchmarks", "changes"))
APART = ("_family.py", "_kept.py")


def key(module: ModuleType) -> str:
    """Name the code behind a family's runs: its file, and what it reaches here and in estimation."""
    parts = [code(each) for each in sorted(reached(Path(str(module.__file__))))]
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=6).hexdigest()


def reached(file: Path) -> set[Path]:
    """A file and those it imports, directly or through one another, of the counted folders."""
    found, ahead = {file}, [file]
    while ahead:
        new = set(_imports(ahead.pop())) - found
        found |= new
        ahead += new
    return found


def _imports(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        parts = tuple((node.module or "").split(".")) if isinstance(node, ast.ImportFrom) else ()
        if isinstance(node, ast.ImportFrom) and parts[:2] in COUNTED:
            whole = ROOT.joinpath(*parts)
            for each in (whole.with_suffix(".py"), *(whole / f"{n.name}.py" for n in node.names)):
                if each.is_file() and each.name not in APART:
                    yield each


def load(name: str, made_by: str, folder: Path = RESULTS) -> dict[str, FloatArray]:
    """Runs of a family by world, none where its code has changed since."""
    file = folder / f"{name}.npz"
    if not file.is_file():
        return {}
    with np.load(file) as kept:
        if str(kept["made_by"]) != made_by:
            return {}
        return {world: kept[world] for world in kept.files if world != "made_by"}


def save(name: str, made_by: str, runs: dict[str, FloatArray], folder: Path = RESULTS) -> None:
    """Write the runs of a family, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{name}.half.npz"
    np.savez_compressed(half, made_by=np.array(made_by), **runs)  # type: ignore[arg-type]
    half.replace(folder / f"{name}.npz")
