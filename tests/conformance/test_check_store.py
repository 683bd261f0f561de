"""How `check_store` is called, and that it notices each promise that is not kept."""

from __future__ import annotations

from typing import Any

import pytest
from postlude import PostludeError
from postlude.testing import MemoryStore, StoreBroken, StoreReport, check_store
from postlude.testing._store_promises import STORE_PROMISES
from tests.conformance.broken_stores import BROKEN, MORE, Raising

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_there_is_a_broken_store_for_each_promise() -> None:
    assert [*BROKEN] == [*STORE_PROMISES]


@pytest.mark.parametrize("promise", BROKEN)
async def test_a_promise_that_is_broken_is_noticed_and_no_other(promise: str) -> None:
    kind, words = BROKEN[promise]
    lease = 0.05 if promise == "crashes" else 0.5
    # What takes long is looked at where it is broken, or next to it.
    without = {"crashes", "begin", "renewal", "lease"} - {promise}
    store = kind(lease=lease)
    with pytest.raises(StoreBroken) as caught:
        await check_store(lambda: store, patience=3, without=without)
    report = caught.value.report
    assert [*report.broken] == [promise]
    assert report.broken[promise].startswith(words)
    assert {*report.kept} == {*STORE_PROMISES} - {promise} - without


@pytest.mark.parametrize("number", range(len(MORE)))
async def test_a_promise_may_be_broken_in_several_ways(number: int) -> None:
    promise, kind, given, words = MORE[number]
    store = kind(*given, lease=0.2)
    with pytest.raises(StoreBroken) as caught:
        await check_store(lambda: store, patience=3, without={*STORE_PROMISES} - {promise})
    assert caught.value.report.broken[promise].startswith(words)


async def test_what_is_broken_is_an_assertion_that_says_all() -> None:
    store = Raising(lease=0.5)
    without = {*STORE_PROMISES} - {"cancel", "status"}
    with pytest.raises(StoreBroken) as caught:
        await check_store(lambda: store, without=without)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, PostludeError)
    lines = str(caught.value).splitlines()
    assert lines[:2] == ["broken: cancel: OSError: the cable was cut", "kept: status"]
    assert lines[2].startswith("not looked at: message, once, ")


async def test_a_store_that_gives_nothing_is_waited_for_as_long_as_patience_says() -> None:
    class Mute(MemoryStore):
        async def claim(self, **facts: Any) -> Any:
            return []

    store = Mute(lease=0.5)
    without = {*STORE_PROMISES} - {"message", "wait"}
    with pytest.raises(StoreBroken) as caught:
        await check_store(lambda: store, patience=0.2, without=without)
    assert caught.value.report.broken == {
        "message": "a task was not given to a worker within 0.2 s",
        "wait": "who waited did not hear of a task that becomes due within 0.2 s",
    }


async def test_a_lease_that_this_machine_is_too_slow_for_is_told() -> None:
    store = MemoryStore(lease=0.01)
    with pytest.raises(StoreBroken) as caught:
        await check_store(lambda: store, without={*STORE_PROMISES} - {"renewal"})
    assert caught.value.report.broken == {
        "renewal": "this machine is too slow for a lease of 0.01 s: make it longer"
    }


async def test_a_store_that_need_not_be_opened_is_checked_as_it_is() -> None:
    class Bare:
        def __init__(self) -> None:
            self._store = MemoryStore(lease=0.5)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

    store: Any = Bare()
    report = await check_store(lambda: store, without={*STORE_PROMISES} - {"order"})
    assert report.kept == ("order",)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"without": "order"}, TypeError, r"write without=\['order'\]"),
        ({"without": ["orders"]}, ValueError, "'orders' is none of message, once, order"),
        ({"without": [*STORE_PROMISES]}, ValueError, "nothing is left to check"),
        ({"patience": 0}, ValueError, "patience=0 must be more than 0 seconds"),
        ({"patience": "1"}, TypeError, "patience='1' must be seconds or a timedelta"),
    ],
)
async def test_wrong_arguments_are_refused(
    options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await check_store(MemoryStore, **options)


def test_a_report_says_what_was_found() -> None:
    report = StoreReport(("order",), {"lease": "it never ends"}, without=("wait",))
    assert str(report) == "broken: lease: it never ends\nkept: order\nnot looked at: wait"


@pytest.mark.parametrize("value", [3, "tasks.db", MemoryStore()])
async def test_what_makes_no_store_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="takes a function that makes a store"):
        await check_store(value)


@pytest.mark.parametrize(("number", "error"), [(0, ValueError), ("x", TypeError)])
def test_the_store_in_memory_takes_a_number_of_crashes(number: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="max_crashes="):
        MemoryStore(max_crashes=number)
