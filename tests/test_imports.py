"""What may import what: the folders in their order, and nothing heavy before it is needed."""

from __future__ import annotations

import ast
import importlib
import inspect
import resource
import subprocess
import sys

import pytest

import causal
from causal.base.catalog import members, names

STAGES = [
    "base",
    "content",
    "data",
    "design",
    "diagnostics",
    "estimation",
    "evaluation",
    "interpretation",
    "policy",
    "reporting",
    "workflow",
]
HEAVY = [
    "altair",
    "dowhy",
    "duckdb",
    "econml",
    "ibis",
    "jinja2",
    "joblib",
    "lightgbm",
    "matplotlib",
    "networkx",
    "pandas",
    "pyarrow",
    "pyfixest",
    "scipy",
    "shap",
    "sklearn",
    "sqlglot",
    "statsmodels",
]
LIGHT = [*HEAVY, "numpy", "pydantic", "rich", "yaml"]
FAMILIES = {
    "causal.data.sources": "open_source",
    "causal.design.identification": "identify",
    "causal.diagnostics": "check",
    "causal.diagnostics.cells": "check",
    "causal.diagnostics.experiment": "check",
    "causal.diagnostics.exposure": "check",
    "causal.diagnostics.movement": "check",
    "causal.diagnostics.periods": "check",
    "causal.diagnostics.rollout": "check",
    "causal.evaluation": "check",
    "causal.estimation": None,
    "causal.estimation.cate": None,
    "causal.reporting": "section",
    "causal.reporting.exposure": "section",
    "causal.reporting.movement": "section",
    "causal.reporting.rollout": "section",
}


def loaded(code, watched):
    """Which of the watched modules a fresh interpreter has after running the code."""
    asked = f"{code}\nimport sys; print([m for m in {watched!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return ast.literal_eval(done.stdout.strip().splitlines()[-1])


def modules(root):
    """Every module of the package: (stage, path)."""
    package = root / "causal"
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).parts
        yield parts[0].removesuffix(".py"), path


def imported(path):
    """The stages of causal that a file imports from anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            targets = [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            targets = [each.name for each in node.names]
        else:
            continue
        for target in targets:
            parts = target.split(".")
            if parts[0] == "causal" and len(parts) > 1 and parts[1] in STAGES:
                yield parts[1], node.lineno


def test_import_causal_loads_nothing_heavy():
    assert loaded("import causal", LIGHT) == []


def test_the_command_line_loads_nothing_heavy():
    assert loaded("import causal.__main__", LIGHT) == []


def test_reading_a_study_loads_no_engine():
    assert loaded("from causal.design.reading import read_study", HEAVY) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_discovering_members_loads_no_engine(family):
    code = f"from causal.base.catalog import members; members({family!r})"
    engines = [each for each in HEAVY if each not in ("pandas", "pyarrow", "scipy", "joblib")]
    assert loaded(code, engines) == []


def test_help_answers_in_half_a_second():
    command = [sys.executable, "-m", "causal", "--help"]
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.5  # of a processor, so that a busy machine answers alike


def test_the_stages_are_the_folders_in_alphabetical_order(root):
    found = {stage for stage, _ in modules(root)} - {"__init__", "__main__"}
    assert sorted(STAGES) == STAGES
    assert found <= set(STAGES)


def test_every_module_imports_only_from_its_stage_and_those_before_it(root):
    wrong = [
        f"{path.relative_to(root)}:{line} imports causal.{target}"
        for stage, path in modules(root)
        if stage in STAGES
        for target, line in imported(path)
        if target > stage
    ]
    assert wrong == []


def test_nothing_imports_the_command_line(root):
    for _, path in modules(root):
        assert "causal.__main__" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("family", "name"), FAMILIES.items())
def test_every_member_of_a_family_has_its_one_known_name(family, name):
    found = members(family)
    assert tuple(found) == names(family) == tuple(sorted(found))
    for member in found.values():
        if name is not None:
            assert callable(getattr(member, name))
            continue
        classes = inspect.getmembers(member, inspect.isclass)
        own = [each for _, each in classes if each.__module__ == member.__name__]
        assert any(hasattr(each, "fit") for each in own)


@pytest.mark.parametrize("name", causal.__all__)
def test_every_public_name_is_there_when_first_used(name):
    home = causal._HOMES[name]
    if importlib.util.find_spec(home) is None:
        pytest.skip(f"{home} is not written yet")
    assert getattr(causal, name).__doc__


def test_public_names_are_sorted_and_listed():
    assert sorted(causal.__all__) == causal.__all__ == list(causal._HOMES)
    assert set(causal.__all__) < set(dir(causal))


def test_an_unknown_name_has_a_nearest_match():
    with pytest.raises(AttributeError, match="Did you mean 'read_study'"):
        causal.read_studdy  # noqa: B018
