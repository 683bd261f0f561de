"""Calls of clients that block: elsewhere, for so long, and with errors that say where."""

from __future__ import annotations

import threading
import time

import anyio
import pytest
from postlude import EngineUnavailable
from postlude._ferry import Ferry

pytestmark = pytest.mark.anyio


def ferry(timeout: float = 5.0) -> Ferry:
    return Ferry("celery", lambda: "redis://host/0", timeout=timeout)


async def test_it_calls_in_a_thread_of_its_own_and_returns_what_comes_back() -> None:
    assert await ferry().call(divmod, 7, 3) == (2, 1)
    assert await ferry().call(threading.current_thread) is not threading.current_thread()


async def test_what_takes_too_long_is_an_error_that_says_where_and_nobody_waits() -> None:
    end = threading.Event()
    begun = time.monotonic()
    said = "^celery at redis://host/0 is not available: no answer within 0.1 s$"
    with pytest.raises(EngineUnavailable, match=said):
        await ferry(0.1).call(end.wait, 30)
    assert time.monotonic() - begun < 3
    end.set()


async def test_an_error_of_the_network_says_where() -> None:
    def refuse() -> None:
        raise ConnectionRefusedError("nobody there")

    said = "^celery at redis://host/0 is not available: nobody there$"
    with pytest.raises(EngineUnavailable, match=said) as caught:
        await ferry().call(refuse)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


async def test_an_error_of_another_kind_is_let_through() -> None:
    with pytest.raises(ZeroDivisionError):
        await ferry().call(divmod, 1, 0)


async def test_many_hang_and_one_more_is_still_an_error_in_time() -> None:
    end = threading.Event()
    begun = time.monotonic()
    failed: list[EngineUnavailable] = []

    async def hang() -> None:
        try:
            await ferry(0.3).call(end.wait, 30)
        except EngineUnavailable as error:
            failed.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(hang)
    assert len(failed) == 40
    assert time.monotonic() - begun < 4
    end.set()
    assert await ferry().call(abs, -1) == 1
