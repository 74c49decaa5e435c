"""Make the finished pages of this folder again: run every study and keep its page and its numbers.

Usage: ``python reports/gallery/refresh.py [NAME ...]``, by default all.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import causal

GALLERY = Path(__file__).resolve().parent
DATASETS = GALLERY.parent.parent / "datasets"
STUDIES = {
    "headline-style": DATASETS / "upworthy" / "headline-style.yaml",
    "headline-style-all": DATASETS / "upworthy" / "headline-style-all.yaml",
    "headline-style-across": DATASETS / "upworthy" / "headline-style-across.yaml",
    "online-news": DATASETS / "online-news" / "popularity.yaml",
    "policy-changed": DATASETS / "open-bandit" / "policy-changed.yaml",
    "platform-ad-load": DATASETS / "platform" / "ad-load.yaml",
    "platform-creator-boost": DATASETS / "platform" / "creator-boost.yaml",
    "platform-pair-boost": DATASETS / "platform" / "pair-boost.yaml",
    "platform-rollout": DATASETS / "platform" / "rollout.yaml",
    "platform-creator-rollout": DATASETS / "platform" / "creator-rollout.yaml",
    "platform-switchback": DATASETS / "platform" / "switchback.yaml",
    "platform-single-market": DATASETS / "platform" / "single-market.yaml",
    "platform-paths": DATASETS / "platform" / "paths.yaml",
    "platform-separable": DATASETS / "platform" / "separable.yaml",
    "platform-clicks-moved": DATASETS / "platform" / "clicks-moved.yaml",
    "platform-worth-of-an-impression": DATASETS / "platform" / "worth-of-an-impression.yaml",
}
KEPT = ("report.html", "result.json")


def refresh(name: str) -> Path:
    """Run one study and keep what the gallery shows of it."""
    study = causal.read_study(STUDIES[name])
    if not (STUDIES[name].parent / study.data.source).exists():
        from causal.data.platform import TESTS, Settings, write_changes, write_experiments

        for write in (write_experiments, write_changes):
            write(STUDIES[name].parent, Settings(seed=1, size=TESTS))
    result = causal.run(study)
    target = GALLERY / name
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        saved = result.save(Path(folder) / name)
        for file in KEPT:
            shutil.copyfile(saved / file, target / file)
    return target / "report.html"


def main(names: list[str]) -> int:
    """Refresh the named pages."""
    unknown = [name for name in names if name not in STUDIES]
    if unknown:
        print(f"No study is called {', '.join(unknown)}. The gallery has {', '.join(STUDIES)}.")
        return 2
    for name in names or STUDIES:
        print(refresh(name).relative_to(GALLERY.parent.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
