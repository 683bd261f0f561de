"""A store that is carried over a fork."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from postlude import Message, SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable


def in_child(function: Callable[[], Any]) -> Callable[[], Any]:
    """Call it in a fork of this process; what is returned waits for its result."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(function()).encode())
        except BaseException as error:
            os.write(writing, json.dumps(repr(error)).encode())
        finally:
            os._exit(0)
    os.close(writing)

    def result() -> Any:
        with open(reading) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        return json.loads(text)

    return result


async def put(store: SQLiteStore, *ids: str) -> list[str]:
    """Put them at one time."""
    return await asyncio.gather(*(store.submit(Message("t", id=i, name="t")) for i in ids))


async def known(store: SQLiteStore) -> list[str]:
    return sorted(task.task_id for task in await store.tasks(limit=10_000))


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_parent_and_children_each_have_their_own_connection(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "tasks.db")
    asyncio.run(put(store, "before"))

    def go_on(name: str) -> list[str]:
        def work() -> list[str]:
            ids = asyncio.run(put(store, *(f"{name}-{n}" for n in range(20))))
            asyncio.run(store.close())
            return ids

        return in_child(work)  # type: ignore[return-value]

    children: list[Any] = [go_on(f"child-{number}") for number in range(3)]
    asyncio.run(put(store, *(f"parent-{n}" for n in range(20))))
    stored = ["before", *(f"parent-{n}" for n in range(20))]
    for child in children:
        stored += child()
    # Who closes its connection first must not take the log of the others with it.
    asyncio.run(put(store, "after"))
    assert asyncio.run(known(store)) == sorted([*stored, "after"])
    assert len(stored) == 81
    asyncio.run(store.close())


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_a_fork_in_the_middle_of_puts_loses_none_and_hangs_nobody(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "tasks.db", timeout=30)
    ended = threading.Event()
    stored: list[str] = []

    async def put_on() -> None:
        for n in range(10_000):
            stored.extend(await put(store, *(f"parent-{n}-{m}" for m in range(5))))
            if ended.is_set():
                return

    thread = threading.Thread(target=asyncio.run, args=(put_on(),))
    thread.start()
    try:
        for number in range(10):
            child = in_child(lambda name=f"child-{number}": asyncio.run(put(store, name)))  # type: ignore[misc]
            assert child() == [f"child-{number}"]
            stored.append(f"child-{number}")
    finally:
        ended.set()
        thread.join()
    assert asyncio.run(known(store)) == sorted(stored)
    asyncio.run(store.close())
