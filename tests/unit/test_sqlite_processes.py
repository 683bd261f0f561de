"""Several processes on one file, and what is left of them when they are killed.

`python -m tests.unit.test_sqlite_processes 200` runs as many rounds of the latter.
"""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from postlude import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM = Path(__file__).with_name("store_process.py")
ROUNDS = 20


class Process:
    """A process on the file, and what it has told."""

    def __init__(self, role: str, path: Path, name: str, number: int) -> None:
        command = [sys.executable, str(PROGRAM), role, str(path), name, str(number)]
        self._told, self._errors = Path(f"{path}.{name}.told"), Path(f"{path}.{name}.errors")
        with self._told.open("w") as told, self._errors.open("w") as errors:
            self._popen = subprocess.Popen(command, stdout=told, stderr=errors)
        self.killed_at: float | None = None

    def lines(self) -> list[list[str]]:
        return [line.split() for line in self._told.read_text().splitlines()]

    def told(self, what: str) -> list[str]:
        return [words[1] for words in self.lines() if words[0] == what]

    def until_it_tells(self) -> None:
        deadline = time.monotonic() + 60
        while not self._told.stat().st_size and self._popen.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def kill(self) -> None:
        self._popen.send_signal(signal.SIGKILL)
        self._popen.wait()
        self.killed_at = time.monotonic()

    def finish(self) -> None:
        """Wait for its end, and see that it was a good one."""
        status = self._popen.wait(120)
        assert (status, self._errors.read_text()) == (0, "")

    def close(self) -> None:
        self._popen.kill()
        self._popen.wait()


def overlaps(processes: Iterable[Process]) -> list[str]:
    """The tasks that ran in two places at one time."""
    runs: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for process in processes:
        begun: dict[str, float] = {}
        for what, task_id, when in process.lines():
            if what == "begin":
                begun[task_id] = float(when)
            elif what == "end":
                runs[task_id].append((begun.pop(task_id), float(when)))
        for task_id, since in begun.items():
            runs[task_id].append((since, process.killed_at or time.monotonic()))
    found: list[str] = []
    for task_id, spans in runs.items():
        spans.sort()
        if any(after[0] < before[1] for before, after in pairwise(spans)):
            found.append(task_id)
    return found


@pytest.mark.parametrize("number", [2, 4, 8])
def test_processes_share_a_file_without_hearing_of_locks_or_running_anything_twice(
    tmp_path: Path, number: int
) -> None:
    path, each = tmp_path / "tasks.db", 400 // number
    roles = ["put"] * (number // 2) + ["work"] * (number // 2)
    total = each * (number // 2)
    processes = [
        Process(role, path, f"{role}{place}", each if role == "put" else total)
        for place, role in enumerate(roles)
    ]
    try:
        for process in processes:
            process.finish()
        put = [task_id for process in processes for task_id in process.told("put")]
        assert len({*put}) == len(put) == total
        begun = [task_id for process in processes for task_id in process.told("begin")]
        settled = [task_id for process in processes for task_id in process.told("settled")]
        assert sorted(begun) == sorted(settled) == sorted(put)
    finally:
        for process in processes:
            process.close()


def kill_at_random(path: Path, rounds: int) -> list[Process]:
    """Producers and workers that are killed at any instant; a last worker finishes."""
    processes: list[Process] = []
    for turn in range(rounds):
        some = [
            Process("put", path, f"put{turn}", 1000),
            Process("work", path, f"work{turn}", 10**9),
        ]
        processes += some
        for process in some:
            process.until_it_tells()
        for process in sorted(some, key=lambda _: random.random()):
            time.sleep(random.uniform(0, 0.1))
            process.kill()
    stored = asyncio.run(number_of(path))
    processes.append(Process("work", path, "last", stored))
    processes[-1].finish()
    return processes


async def number_of(path: Path) -> int:
    async with SQLiteStore(path, timeout=30) as store:
        return sum((await store.counts()).values())


async def unfinished(path: Path, task_ids: Iterable[str]) -> list[str]:
    async with SQLiteStore(path) as store:
        return [i for i in task_ids if (await store.status(i)).status != "succeeded"]


def test_whatever_is_killed_all_that_was_confirmed_runs_and_nothing_in_two_places(
    tmp_path: Path,
) -> None:
    check_kills(tmp_path / "tasks.db", ROUNDS)


def check_kills(path: Path, rounds: int) -> None:
    processes = kill_at_random(path, rounds)
    try:
        confirmed = {task_id for process in processes for task_id in process.told("put")}
        ended = {task_id for process in processes for task_id in process.told("end")}
        assert len(confirmed) > rounds
        assert confirmed - ended == set()
        assert overlaps(processes) == []
        assert asyncio.run(unfinished(path, confirmed)) == []
        noted = [task_id for process in processes for task_id in process.told("settled")]
        assert len(noted) == len({*noted})
    finally:
        for process in processes:
            process.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        check_kills(Path(directory) / "tasks.db", int(sys.argv[1]))
    print(f"{sys.argv[1]} rounds: nothing was lost, and nothing ran in two places")
