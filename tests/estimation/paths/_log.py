"""A drawn log of a ranker that likes an attribute, with what it would have done without."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causal.data.panel import Panel
from causal.data.read import read_frame
from causal.design.reading import study_from
from causal.design.request import request
from causal.design.study import Study

CANDIDATES, SLOTS = 6, 3
LOOKED = np.array([1.0, 0.6, 0.35])
FACTOR = 2.0
TAU = 0.10
ITEMS, CREATORS, REQUESTS, USERS = 300, 60, 1_500, 300
EXPLORED = 0.3

STUDY = {
    "study": "log",
    "kind": "attributes",
    "data": {"source": "t.csv"},
    "unit": "row",
    "cluster": ["creator", "user"],
    "block": "creator",
    "time": "at",
    "attributes": ["video"],
    "parties": {"user": "user", "creator": "creator", "item": "item"},
    "exploration": "explored",
    "exposure": {
        "position": "slot",
        "propensity": "p",
        "flipped": "p_flipped",
        "item": "item",
        "period": "day",
        "live": ITEMS,
    },
    "outcomes": [{"name": "click rate", "column": "clicked"}],
    "confounders": ["age"],
    "mediators": ["taste"],
    "settings": {"heterogeneity": False, "folds": 2},
}


def _worlds(rng, items: int, requests: int):
    """Items, and for each request its candidates, their scores and tastes."""
    creators = items * CREATORS // ITEMS
    creator = np.arange(items) % creators
    video = (rng.random(items) < 0.4).astype(int)
    base = 0.15 + 0.1 * rng.random(creators)[creator]
    age = rng.integers(0, 20, items)
    chosen = np.argsort(rng.random((requests, items)), axis=1)[:, :CANDIDATES] \
        if items * requests < 3e6 else rng.integers(0, items, (requests, CANDIDATES))  # fmt: skip
    taste = rng.normal(size=chosen.shape)
    return creator, video, base, age, chosen, taste


def _placed(rng, mass):
    """Candidate of each slot, drawn by mass (Plackett, Luce), shape (requests, slots)."""
    return np.argsort(-np.log(mass) - rng.gumbel(size=mass.shape), axis=1)[:, :SLOTS]


def drawn(seed: int, *, factor: float = FACTOR) -> pd.DataFrame:
    """One row for each impression."""
    rng = np.random.default_rng(seed)
    creator, video, base, age, chosen, taste = _worlds(rng, ITEMS, REQUESTS)
    explored = rng.random(REQUESTS) < EXPLORED
    flag = video[chosen]
    mass = np.where(explored[:, None], 1.0, np.exp(0.5 * taste) * factor**flag)
    placed = _placed(rng, mass)
    at = np.take_along_axis(mass, placed, axis=1)
    left = mass.sum(axis=1)[:, None] - np.concatenate(
        [np.zeros((REQUESTS, 1)), np.cumsum(at, axis=1)[:, :-1]], axis=1
    )
    p = at / left
    on = np.take_along_axis(flag, placed, axis=1)
    other = np.where(explored[:, None], 1.0, np.where(on == 1, 1 / factor, factor))
    ratio = np.ones_like(p)
    for k in range(SLOTS):
        more = at[:, k] * (other[:, k] - 1)
        ratio[:, k] = other[:, k] * np.prod(
            left[:, : k + 1] / (left[:, : k + 1] + more[:, None]), axis=1
        )
    item = np.take_along_axis(chosen, placed, axis=1)
    chance = LOOKED * (base[item] + TAU * on)
    rows = REQUESTS * SLOTS
    user = rng.integers(0, USERS, REQUESTS)
    return pd.DataFrame(
        {
            "row": np.arange(rows),
            "user": np.repeat(user, SLOTS),
            "creator": creator[item].ravel(),
            "item": item.ravel(),
            "day": 0,
            "at": pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(rows) // SLOTS, "s"),
            "slot": np.tile(np.arange(1, SLOTS + 1), REQUESTS),
            "explored": np.repeat(explored, SLOTS),
            "p": p.ravel(),
            "p_flipped": (p * ratio).ravel(),
            "video": on.ravel(),
            "age": age[item].ravel(),
            "taste": np.take_along_axis(taste, placed, axis=1).ravel(),
            "clicked": (rng.random((REQUESTS, SLOTS)) < chance).astype(int).ravel(),
        }
    )


def truth(requests: int = 100_000) -> dict[str, float]:
    """Parts per item by changing the flag of one candidate at a time, in many requests."""
    rng = np.random.default_rng(1)
    _, video, base, _, chosen, taste = _worlds(rng, 3_000, requests)
    flag = video[chosen]
    plain = np.exp(0.5 * taste)
    found = {"user": 0.0, "ranker": 0.0, "impressions": 0.0}
    for j in range(CANDIDATES):
        noise = rng.gumbel(size=plain.shape)
        looked, shown = {}, {}
        for read in (0, 1):
            own = flag.copy()
            own[:, j] = read
            explored = np.arange(requests) < EXPLORED * requests
            mass = np.where(explored[:, None], 1.0, plain * FACTOR**own)
            order = np.argsort(-np.log(mass) - noise, axis=1)[:, :SLOTS]
            here = order == j
            looked[read], shown[read] = here @ LOOKED, here.sum(axis=1)
        found["user"] += float((looked[1] * TAU).mean())
        found["ranker"] += float(((looked[1] - looked[0]) * base[chosen[:, j]]).mean())
        found["impressions"] += float((shown[1] - shown[0]).mean())
    scale = REQUESTS / ITEMS
    out = {name: value * scale for name, value in found.items()}
    return out | {"total": out["user"] + out["ranker"]}


def read(frame: pd.DataFrame, **exposure) -> tuple[Study, Panel]:
    """Study and panel of a drawn log."""
    study = study_from(STUDY | {"exposure": {**STUDY["exposure"], **exposure}})
    return study, read_frame(frame, request(study))
