"""What identifies a run."""

from __future__ import annotations

from typing import Any


def manifest(content: dict[str, Any]) -> dict[str, Any]:
    """What identifies a run: hashes, fingerprints, versions and seeds."""
    return {
        "schema": 1,
        "study": {
            "name": content["study"]["name"],
            "file": content["study"]["file"],
            "hash": content["study"]["hash"],
        },
        "data": {
            key: content["data"][key] for key in ("source", "fingerprint", "rows_read", "rows")
        },
        "versions": content["versions"],
        "seed": content["study"]["seed"],
    }
