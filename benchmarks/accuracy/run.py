"""Runs what is missing: every world, every peer, every seed; interrupted, it goes on later."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

from benchmarks.accuracy import kept
from benchmarks.accuracy.drawing import Answer, Answers, Drawn, truth
from benchmarks.accuracy.sources import key, version
from causal.base.catalog import members

WORLDS = "benchmarks.accuracy.worlds"
PEERS = "benchmarks.accuracy.peers"
SAVE_EVERY = 20.0
MOST = {"product_large": 50}
OUTSIDE = 200
Pair = tuple[str, str]
Finished = dict[str, list[kept.Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run. ``runs`` None: as many as each peer says. ``budget`` is in minutes.

    Worlds outside the twelve take at most 200 runs, the large one 50.
    """

    worlds: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    runs: int | None = None
    budget: float = float("inf")
    workers: int = 2
    folder: Path = kept.RESULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One table, and who has not answered on it yet."""

    world: str
    seed: int
    peers: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Store:
    """Finished runs that are not on disk yet."""

    folder: Path
    keys: dict[Pair, str]
    waiting: dict[Pair, list[kept.Row]] = field(default_factory=dict)

    def take(self, job: Job, finished: Finished) -> None:
        """Hold the rows of a job."""
        for peer, rows in finished.items():
            self.waiting.setdefault((job.world, peer), []).extend(rows)

    def save(self) -> None:
        """Write what is held."""
        for (world, peer), rows in self.waiting.items():
            keyed = [{**row, "key": self.keys[(world, peer)]} for row in rows]
            kept.add(kept.path(self.folder, world, peer), keyed, self.keys[(world, peer)])
        self.waiting.clear()


def run(plan: Plan) -> int:
    """Run what the plan asks for and the results lack.

    Returns
    -------
    int
        How many (world, peer, seed) were run.
    """
    worlds, peers = _chosen(WORLDS, plan.worlds), _chosen(PEERS, plan.peers)
    peers = {name: peer for name, peer in peers.items() if _installed(name, peer)}
    keys = {(w, p): key(worlds[w], peers[p]) for w in worlds for p in peers}
    most = {name: limit(name, world) for name, world in worlds.items()}
    todo = list(jobs(plan, peers, keys, most))
    store = Store(folder=plan.folder, keys=keys)
    started = time.monotonic()
    try:
        _work(todo, plan, store, started)
    finally:
        store.save()
    return sum(len(job.peers) for job in todo)


def limit(name: str, world: ModuleType) -> int:
    """The most runs a world takes."""
    return MOST.get(name, sys.maxsize if world.NUMBER else OUTSIDE)


def jobs(
    plan: Plan, peers: dict[str, ModuleType], keys: dict[Pair, str], most: dict[str, int]
) -> Iterator[Job]:
    """What is missing, seed by seed over all worlds, so that a part of it says something."""
    done = {
        pair: kept.fresh(kept.path(plan.folder, *pair), own) for pair, own in sorted(keys.items())
    }
    runs = {name: plan.runs or peer.RUNS for name, peer in peers.items()}
    worlds = sorted({world for world, _ in keys})
    for seed in range(max(runs.values(), default=0)):
        for world in worlds:
            lacking = tuple(
                name
                for name in peers
                if seed < min(runs[name], most[world]) and seed not in done[(world, name)]
            )
            if lacking:
                yield Job(world=world, seed=seed, peers=lacking)


def _chosen(package: str, names: Sequence[str]) -> dict[str, ModuleType]:
    found = members(package)
    unknown = [name for name in names if name not in found]
    if unknown:
        raise SystemExit(f"There is no {unknown[0]!r} in {package}: {', '.join(found)}.")
    return {name: found[name] for name in (names or found)}


def _installed(name: str, peer: ModuleType) -> bool:
    missing = [package for package in peer.PACKAGES if version(package) == "none"]
    if missing:
        print(f"{name} is left out: {missing[0]} is not installed", file=sys.stderr)
    return not missing


def _work(todo: list[Job], plan: Plan, store: Store, started: float) -> None:
    queue = iter(todo)
    done, saved = 0, started
    if plan.workers <= 1:
        for done, job in enumerate(queue):
            if time.monotonic() - started > 60 * plan.budget:
                return
            store.take(job, answer(job))
            saved = _saved(store, saved, f"{done + 1} of {len(todo)} tables")
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(plan.workers, mp_context=context, initializer=_one_thread) as pool:
        running: dict[Future[Finished], Job] = {}
        while True:
            spent = time.monotonic() - started
            while len(running) < 2 * plan.workers and spent < 60 * plan.budget:
                following = next(queue, None)
                if following is None:
                    break
                running[pool.submit(answer, following)] = following
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                store.take(running.pop(future), future.result())
                done += 1
            saved = _saved(store, saved, f"{done} of {len(todo)} tables")


def _saved(store: Store, saved: float, progress: str) -> float:
    """Write what is held every so often, and say how far it is."""
    now = time.monotonic()
    if now - saved < SAVE_EVERY:
        return saved
    store.save()
    print(progress, file=sys.stderr, flush=True)
    return now


def _one_thread() -> None:
    from threadpoolctl import threadpool_limits

    os.environ["OMP_NUM_THREADS"] = "1"
    threadpool_limits(limits=1)


def answer(job: Job) -> Finished:
    """Draw one table and let every peer that lacks it answer."""
    world = members(WORLDS)[job.world]
    drawn = world.draw(job.seed)
    peers = members(PEERS)
    return {name: _rows(world, drawn, peers[name], job.seed) for name in job.peers}


def _rows(world: ModuleType, drawn: Drawn, peer: ModuleType, seed: int) -> list[kept.Row]:
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries: what is wrong shows in the numbers
        given = _given(drawn, peer)
    cpu = time.process_time() - start
    return [
        {
            **asdict(row),
            "seed": seed,
            "variant": drawn.variant,
            "noticed": given.noticed,
            "truth": truth(world, row),
            "cpu": cpu,
        }
        for row in given.rows
    ]


def _given(drawn: Drawn, peer: ModuleType) -> Answers:
    """A peer's answer; when it breaks, that it broke."""
    try:
        answers: Answers = peer.answer(drawn)
    except Exception as error:
        if peer.OURS and peer.__name__.endswith(".ours"):
            raise
        words = f"broke: {type(error).__name__}"
        return Answers(
            rows=tuple(Answer(attribute=a, contrast=c, refused=words) for a, c in drawn.truth)
        )
    return answers
