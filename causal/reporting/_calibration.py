"""What a calibration leaves behind: its content, its files and how it shows itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.base.errors import ResultError
from causal.base.finding import Finding, Status
from causal.content.wording import Scale, contrasted, human, percent, scale_of, sentence
from causal.design.study import Study
from causal.evaluation._calibrated import Calibrated, Share, summarise
from causal.evaluation._planted import World
from causal.evaluation._recovery import Recovered, Seen, multiple_of
from causal.evaluation._soundness import judged
from causal.reporting._content import ordered, outcome_content, study_content, versions
from causal.reporting._result import json_text, rounded

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
FILES = ("calibration.html", "calibration.json", "calibration.parquet")
Content = dict[str, Any]
RUN_COLUMNS: Mapping[str, str] = {
    "run": "int64",
    "multiple": "float64",
    "attribute": "string",
    "contrast": "string",
    "outcome": "string",
    "estimand": "string",
    "truth": "float64",
    "estimate": "float64",
    "std_error": "float64",
    "df": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "simultaneous_low": "float64",
    "simultaneous_high": "float64",
    "clear": "bool_",
    "ruled_out": "bool_",
    "naive": "float64",
    "why": "string",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """What a study finds of effects planted in its own table.

    Parameters
    ----------
    content
        Everything the page shows, as ``docs/result.md`` has it, in full precision.
    rows
        One for each run and effect, the columns of ``calibration.parquet``.
    """

    content: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...] = ()

    @property
    def title(self) -> str:
        """The finding, as the page's title says it."""
        return str(self.content["title"])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What held and what did not."""
        return tuple(
            Finding(**{**each, "status": Status(each["status"])})
            for each in self.content["findings"]
        )

    @property
    def effects(self) -> pd.DataFrame:
        """One row for each effect: bias, coverage, power and the smallest effect found."""
        import pandas as pd

        return pd.json_normalize([dict(each) for each in self.content["effects"]])

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each run and effect."""
        frame: pd.DataFrame = _table(self.rows).to_pandas()
        return frame

    def html(self) -> str:
        """Render the page."""
        from causal.reporting._calibration_page import sections
        from causal.reporting._page import page

        content = rounded(self.content)
        return page(sections(content), name=content["study"]["name"], eyebrow="Calibration")

    def text(self) -> str:
        """Render the page as plain text."""
        from causal.reporting._calibration_page import sections
        from causal.reporting._text import text

        return text(sections(rounded(self.content)))

    def save(self, directory: str | Path) -> Path:
        """Write page, content and runs; other files in the folder stay.

        Returns
        -------
        Path
            The directory.

        Raises
        ------
        ResultError
            When the folder cannot be written to.
        """
        target = Path(directory)
        if target.exists() and not target.is_dir():
            raise ResultError(f"'{target.name}' is a file, not a folder. Name another folder.")
        try:
            self._write(target)
        except OSError as error:
            raise ResultError(
                f"The calibration could not be written to '{target}': {error.strerror or error}. "
                "Check that the folder can be written to and has room."
            ) from error
        return target

    def _write(self, target: Path) -> None:
        from pyarrow import parquet

        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            (beside / "calibration.html").write_bytes(self.html().encode("utf-8", "replace"))
            (beside / "calibration.json").write_bytes(
                json_text(rounded(self.content)).encode("utf-8", "replace")
            )
            parquet.write_table(
                _table(self.rows),
                beside / "calibration.parquet",
                compression="zstd",
                store_schema=False,
                version="2.6",
            )
            target.mkdir(exist_ok=True)
            for name in FILES:
                (beside / name).replace(target / name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - the notebook's protocol passes both
        exclude: object = None,  # noqa: ARG002
    ) -> dict[str, str]:
        frame = (
            '<iframe sandbox="allow-scripts" title="Calibration" '
            'style="width:100%;height:48rem;border:1px solid #ccc" '
            f'srcdoc="{escape(self.html())}"></iframe>'
        )
        return {"text/html": frame, "text/plain": self.text()}

    def __repr__(self) -> str:
        return f"Calibration({self.title!r})"


def calibration(
    study: Study, world: World, table: Sequence[Seen], runs: Sequence[tuple[Recovered, ...]]
) -> Calibration:
    """Put what the runs say together, in full precision.

    Parameters
    ----------
    study
        As it was asked; the world's own has its contrasts fixed.
    world, table, runs
        What was drawn from, what the table itself says, and what each run found.
    """
    panel = world.panel
    effects, family = summarise(runs, table)
    found = judged(
        effects, family, level=study.settings.level, multiplicity=study.settings.multiplicity
    )
    outcomes = [outcome_content(study, panel, outcome) for outcome in study.outcomes]
    kinds = {name: panel.columns[name].kind.value for name in (a.name for a in study.attributes)}
    margins = {outcome.name: outcome.margin for outcome in study.outcomes}
    content: Content = {
        "schema": SCHEMA,
        "kind": "calibration",
        "study": study_content(study),
        "data": {
            "fingerprint": panel.provenance.fingerprint,
            "rows": panel.rows,
            "blocks": None if panel.block is None else int(panel.block.max()) + 1,
            "clusters": [
                {"name": name, "count": int(codes.max()) + 1}
                for name, codes in zip(panel.cluster_names, panel.clusters, strict=True)
            ],
        },
        "versions": versions(),
        "design": {
            "name": world.design.name,
            "identification": world.design.identification,
            "population": world.design.population,
        },
        "runs": {
            "total": len(runs),
            "without_effect": sum(multiple_of(number) == 0 for number in range(len(runs))),
        },
        "world": _world(world, runs),
        "outcomes": outcomes,
        "attributes": [
            {"name": attribute.name, "kind": kinds[attribute.name]}
            for attribute in study.attributes
        ],
        "effects": [_effect(each, margins[each.key[2]]) for each in effects],
        "family": {"covered": asdict(family.covered), "alarmed": asdict(family.alarmed)},
        "findings": [asdict(finding) for finding in ordered(found)],
    }
    content["title"], content["answers"] = _answers(content)
    return Calibration(content=content, rows=tuple(_row(each) for run in runs for each in run))


def _world(world: World, runs: Sequence[tuple[Recovered, ...]]) -> Content:
    clipped = [run[0].clipped for run in runs if run]
    return {
        "attributes": [{"attribute": name, "words": words} for name, words in world.levels.items()],
        "outcomes": [
            {"outcome": name, "kind": own.kind, "spread": own.spread}
            for name, own in world.outcomes.items()
        ],
        "clipped": sum(clipped) / max(len(clipped), 1),
    }


def _effect(each: Calibrated, margin: float | None) -> Content:
    baseline = each.baseline
    absolute = abs(baseline) * margin if margin is not None and baseline is not None else None
    return {
        **{
            name: value
            for name, value in asdict(each).items()
            if name not in ("key", "reasons", "smallest_ends")
        },
        "attribute": each.key[0],
        "contrast": each.key[1],
        "outcome": each.key[2],
        "reasons": [{"why": why, "runs": runs} for why, runs in each.reasons],
        "smallest_low": each.smallest_ends[0],
        "smallest_high": each.smallest_ends[1],
        "smallest_relative": each.smallest_told / abs(baseline)
        if each.smallest_told is not None and baseline
        else None,
        "margin": absolute,
    }


def _row(each: Recovered) -> Content:
    seen = each.seen
    return {
        "run": each.run,
        "multiple": each.multiple,
        "attribute": seen.key[0],
        "contrast": seen.key[1],
        "outcome": seen.key[2],
        "estimand": seen.estimand,
        "truth": each.truth,
        "estimate": seen.estimate,
        "std_error": seen.std_error,
        "df": seen.df,
        "ci_low": seen.ci[0],
        "ci_high": seen.ci[1],
        "simultaneous_low": seen.simultaneous[0],
        "simultaneous_high": seen.simultaneous[1],
        "clear": seen.clear,
        "ruled_out": seen.ruled_out,
        "naive": seen.naive,
        "why": seen.why or None,
    }


def _table(rows: Sequence[Mapping[str, Any]]) -> Any:
    import pyarrow as pa

    written = [rounded(row) for row in rows]
    return pa.table(
        {
            name: pa.array([row[name] for row in written], type=getattr(pa, kind)())
            for name, kind in RUN_COLUMNS.items()
        }
    )


def scale(content: Mapping[str, Any], outcome: str) -> Scale:
    """How effects on an outcome are written: digits after the smallest standard error."""
    given = next(each for each in content["outcomes"] if each["name"] == outcome)
    rows = [
        {"ci_low": -each["std_error"] / 2, "ci_high": each["std_error"] / 2, "verdict": None}
        for each in content["effects"]
        if each["outcome"] == outcome and each["std_error"] is not None
    ]
    return scale_of(given, rows)


def label(content: Mapping[str, Any], effect: Mapping[str, Any]) -> str:
    """Name an effect as the report does."""
    kinds = {each["name"]: each["kind"] for each in content["attributes"]}
    binary = kinds.get(effect["attribute"]) == "binary"
    return contrasted(effect["attribute"], effect["contrast"], binary=binary)


def _answers(content: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The title, and one sentence for each effect."""
    said = [_sentence(content, effect) for effect in content["effects"]]
    if any(effect["smallest_told"] is not None for effect in content["effects"]):
        said.append("Smaller effects than these are missed more often than one time in five.")
    failed = [each["name"] for each in content["findings"] if each["status"] == "FAIL"]
    if failed:
        return f"Do not trust this study as it is: {failed[0]} failed", said
    first = content["outcomes"][0]["name"]
    own = [e for e in content["effects"] if e["outcome"] == first and e["smallest_told"]]
    if not own:
        return "No effect of this study could be calibrated", said
    ordered_by_size = sorted(own, key=lambda e: float(e["smallest_told"]))
    low, high = ordered_by_size[0], ordered_by_size[-1]
    by = scale(content, first)
    words = by.size(low["smallest_told"])
    if by.size(high["smallest_told"]) != words:
        words = f"{by.width(low['smallest_told'])} to {by.size(high['smallest_told'])}"
    more = ", by attribute" if len(own) > 1 and low is not high else ""
    return (
        f"This table shows effects on {human(first)} from {words} up, four times in five{more}",
        said,
    )


def _sentence(content: Mapping[str, Any], effect: Mapping[str, Any]) -> str:
    name = f"{sentence(label(content, effect))} on {human(effect['outcome'])}"
    told = effect["smallest_told"]
    if told is None:
        why = effect["reasons"][0]["why"] if effect["reasons"] else "it was never estimated"
        return f"{name}: no effect can be found, {why}."
    by = scale(content, effect["outcome"])
    relative = effect["smallest_relative"]
    of_baseline = f" ({percent(relative)} of its baseline)" if relative is not None else ""
    words = (
        f"{name}: with this table you can find an effect of {by.size(told)}{of_baseline} four "
        "times out of five."
    )
    margin = effect["margin"]
    if margin is None:
        return words
    share = Share(**effect["ruled_out"])
    if share.value is None:
        return words
    return (
        f"{words} If there is no effect, one of the margin ({by.size(margin)}) is ruled out in "
        f"{percent(share.value)} of runs."
    )


def rows_of(content: Mapping[str, Any], outcome: str) -> list[Mapping[str, Any]]:
    """The effects on an outcome."""
    return [each for each in content["effects"] if each["outcome"] == outcome]


def unit_of(by: Scale) -> str:
    """What a heading says of a scale."""
    return by.unit or by.heading


def share_of(share: Mapping[str, Any]) -> str:
    """A share with one Monte Carlo error, a dash where nothing was run."""
    if share["value"] is None:
        return "\u2013"
    return f"{percent(share['value'])} \u00b1{percent(share['error'])}"
