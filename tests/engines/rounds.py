"""Producers and workers that are killed at random instants, and what must hold all the same."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tests.engines.asking import ended
from tests.engines.kills import ROUNDS
from tests.engines.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from postlude.protocols import Engine
    from tests.engines.conftest import StartWorker
    from tests.engines.programs import Program

PRODUCER = """
import asyncio
import itertools
import os
import random
from pathlib import Path

from main import engine
from postlude import Message


async def main() -> None:
    print("producing")
    with Path("confirmed.txt").open("a") as confirmed:
        for number in itertools.count():
            key = f"{os.getpid()}-{number}"
            values = (key, random.uniform(0.0, 0.4))
            await engine.submit(Message("shift", values, id=key, name="shift"))
            confirmed.write(f"{key}\\n")
            confirmed.flush()
            await asyncio.sleep(0.05)


asyncio.run(main())
"""
_SEED = 20


async def kill_at_random(
    engine: Engine,
    *,
    start: Callable[[], Program],
    worker: StartWorker,
    env: Mapping[str, str],
    folder: Path,
) -> int:
    """Kill the producer and one of two workers, again and again; returns how many tasks there were.

    What `submit` has confirmed must succeed, and nothing may run in two processes at one time.
    """
    chance = random.Random(_SEED)

    def produce() -> Program:
        files = {"produce.py": PRODUCER}
        return worker("python produce.py", files=files, ready="producing", env=env)

    workers = [start(), start()]
    producer = produce()
    for number in range(ROUNDS):
        await asyncio.sleep(chance.uniform(0.0, 1.5))
        workers[number % 2].kill()
        if chance.random() < 0.5:
            producer.kill()
            producer = produce()
        workers[number % 2] = start()
    producer.kill()
    confirmed = (folder / "confirmed.txt").read_text().splitlines()
    assert len(confirmed) > ROUNDS
    for key in confirmed:
        state = await ended(engine, key)
        assert state.status == "succeeded", state
    _check_apart(told(folder), confirmed)
    return len(confirmed)


def _check_apart(lines: list[str], confirmed: list[str]) -> None:
    begun: dict[str, str] = {}
    done: set[str] = set()
    for line in lines:
        key, what, pid = line.split()
        if what == "begins":
            begun[key] = pid
        else:
            # Else another process had begun it while this one was at it.
            assert begun[key] == pid, [each for each in lines if each.startswith(f"{key} ")]
            done.add(key)
    assert done.issuperset(confirmed)
