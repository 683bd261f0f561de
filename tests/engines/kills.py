"""`kill -9` at random instants: who submits, who works, and what became of what was confirmed."""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.engines.programs import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engines.programs import Program

ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
"""How often the tests kill; 20 are the claim."""
# Appends are whole lines, also of processes that are killed: one write each.
TASKS = """
import os
import time
from pathlib import Path

from postlude import task

MARKS = Path(__file__).with_name("marks")


def mark(line: str) -> None:
    with MARKS.open("ab", buffering=0) as marks:
        marks.write(f"{line}\\n".encode())


@task(name="work")
def work(number: str) -> None:
    mark(f"begin {number} {os.getpid()}")
    time.sleep(0.03)
    mark(f"end {number} {os.getpid()}")


@task(name="work.async")
async def work_async(number: str) -> None:
    work(number)
"""
PRODUCER = """
import itertools
import os

import anyio
from postlude import BackgroundTask, Message
from main import engine
from tasks import mark, work, work_async


async def produce() -> None:
    for number in itertools.count():
        name = f"{os.getpid()}-{number}"
        message = Message.of(BackgroundTask((work, work_async)[number % 2], name))
        await engine.submit(message)
        mark(f"confirmed {name} 0")
        await anyio.sleep(0.02)


anyio.run(produce)
"""


@dataclass
class Marks:
    """What the tasks and the producers have noted."""

    confirmed: set[str]
    ended: set[str]
    begun: dict[str, int]
    side_by_side: set[str]

    @property
    def missing(self) -> dict[str, int]:
        """What was confirmed and has not ended, with how often it has begun."""
        return {number: self.begun[number] for number in self.confirmed - self.ended}


def read(path: Path) -> Marks:
    """All that was noted so far."""
    marks = Marks(set(), set(), defaultdict(int), set())
    running: dict[str, str] = {}
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        kind, number, pid = line.split()
        if kind == "confirmed":
            marks.confirmed.add(number)
        elif kind == "begin":
            marks.begun[number] += 1
            running[number] = pid
        else:
            marks.ended.add(number)
            if running[number] != pid:  # another had begun it before this one ended
                marks.side_by_side.add(number)
    return marks


def kill_at_random(
    folder: Path,
    start: Callable[[], Program],
    produce: Callable[[], Program],
    *,
    seed: int,
    has_nothing: Callable[[], bool] = bool,
) -> Marks:
    """Kill all, round by round, and then let one worker do what is left.

    That takes until all has been done that was confirmed, or the broker has nothing any more.
    """
    chance = random.Random(seed)
    path = folder / "marks"
    for _ in range(ROUNDS):
        known = len(read(path).confirmed)
        worker, producer = start(), produce()
        _until(lambda: len(read(path).confirmed) > known + 3)  # noqa: B023  (called at once)
        time.sleep(chance.uniform(0.0, 1.0))
        both = [worker, producer]
        chance.shuffle(both)
        both[0].kill()
        time.sleep(chance.uniform(0.0, 0.2))
        both[1].kill()
    start()
    _until(
        lambda: not read(path).missing or has_nothing(),
        lambda: f"never ended: {read(path).missing}",
    )
    return read(path)


def _until(
    condition: Callable[[], bool], or_say: Callable[[], str] = lambda: "that never came"
) -> None:
    end = time.monotonic() + 3 * PATIENCE
    while not condition():
        assert time.monotonic() < end, or_say()
        time.sleep(0.05)
