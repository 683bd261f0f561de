"""TaskQueue: what is put waits in turn, for room and for a worker, and can be asked about."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    Cancelled,
    QueueClosed,
    QueueFull,
    Succeeded,
    TaskQueue,
    TaskStatus,
    TaskSubmitted,
    Worker,
    subscribe,
)

if TYPE_CHECKING:
    from postlude import TaskEvent
pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


def noting(log: list[Any], what: object) -> BackgroundTask:
    return BackgroundTask(log.append, what)


async def serve(queue: TaskQueue) -> None:
    """Run everything that waits."""
    await queue.close()
    with anyio.fail_after(10):
        await Worker(queue, "server").run()


async def test_tasks_run_in_the_order_put() -> None:
    queue, log = TaskQueue(), list[Any]()
    for number in range(20):
        await queue.put(noting(log, number))
    assert queue.size == 20
    await serve(queue)
    assert log == list(range(20))
    assert queue.size == 0


async def test_a_higher_priority_goes_first_and_within_one_who_came_first() -> None:
    queue, log = TaskQueue(), list[Any]()
    for name, priority in [("a", 0), ("low", -1), ("high", 9), ("b", 0), ("high 2", 9)]:
        await queue.put(noting(log, name), priority)
    await serve(queue)
    assert log == ["high", "high 2", "a", "b", "low"]


async def test_a_mapping_says_type_function_and_arguments() -> None:
    queue, log = TaskQueue(), list[Any]()

    async def note(first: str, *, second: str) -> None:
        log.append((first, second))

    handle = await queue.put(
        {"type": "note", "function": note, "args": ["a"], "kwargs": {"second": "b"}}
    )
    queue.put_nowait({"type": "other", "function": nothing})
    assert queue.waiting == {"note": 1, "other": 1}
    assert handle.name.endswith("note")
    await serve(queue)
    assert log == [("a", "b")]


@pytest.mark.parametrize(
    ("mapping", "error", "words"),
    [
        ({"function": nothing}, ValueError, "needs a 'type'"),
        ({"type": "a"}, ValueError, "needs a 'function'"),
        ({"type": "a", "function": nothing, "arg": 1, "prio": 2}, ValueError, "no 'arg', 'prio'"),
        ({"type": 3, "function": nothing}, TypeError, "'type' must be a string, got 3"),
        ({"type": " ", "function": nothing}, ValueError, "'type' is ' ', which is empty"),
        ({"type": "a", "function": nothing, "args": "secret"}, TypeError, "'args' must be a list"),
        ({"type": "a", "function": nothing, "kwargs": ["x"]}, TypeError, "'kwargs' must be a dict"),
        ({"type": "a", "function": nothing, "kwargs": {1: 2}}, TypeError, "text as keys"),
        ({"type": "a", "function": "nothing"}, TypeError, "a task needs a function"),
        ({"type": "a", "function": nothing, "args": [1]}, TypeError, "too many positional"),
        ("nothing", TypeError, "takes a BackgroundTask or a mapping, got an object of type 'str'"),
    ],
)
async def test_what_is_no_task_is_refused_where_it_is_put(
    mapping: Any, error: type[Exception], words: str
) -> None:
    queue = TaskQueue()
    with pytest.raises(error, match=words) as caught:
        await queue.put(mapping)
    assert "secret" not in str(caught.value)
    with pytest.raises(error, match=words):
        queue.put_nowait(mapping)
    assert queue.size == 0


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"max_size": 0}, ValueError, "max_size=0 must be 1 or more"),
        ({"max_size": 2.5}, TypeError, "max_size=2.5 must be a whole number"),
        ({"max_size": True}, TypeError, "max_size=True must be a whole number"),
        ({"name": ""}, ValueError, "name='' is empty"),
        ({"name": 7}, TypeError, "name=7 must be a string"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        TaskQueue(**arguments)


def test_a_priority_is_a_whole_number() -> None:
    queue, wrong = TaskQueue(), "high"
    with pytest.raises(TypeError, match="priority='high' must be a whole number"):
        queue.put_nowait(BackgroundTask(nothing), wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def test_a_thousand_fit_and_the_next_one_waits_for_room() -> None:
    queue = TaskQueue()
    for _ in range(1000):
        with anyio.fail_after(1):
            await queue.put(BackgroundTask(nothing))
    with pytest.raises(QueueFull, match="1000 tasks wait in queue 'default' already"):
        queue.put_nowait(BackgroundTask(nothing))
    done = anyio.Event()

    async def put_one_more() -> None:
        await queue.put(BackgroundTask(nothing))
        done.set()

    async with anyio.create_task_group() as group:
        group.start_soon(put_one_more)
        await anyio.wait_all_tasks_blocked()
        assert not done.is_set()
        group.start_soon(Worker(queue, "one").run)
        with anyio.fail_after(10):
            await done.wait()
            await queue.join()
        await queue.close()


async def test_who_waits_for_room_is_served_in_turn_and_nobody_overtakes() -> None:
    queue, log = TaskQueue(max_size=1), list[Any]()
    await queue.put(noting(log, 0))

    async def put(number: int) -> None:
        await queue.put(noting(log, number))

    async with anyio.create_task_group() as group:
        for number in (1, 2, 3):
            group.start_soon(put, number)
            await anyio.wait_all_tasks_blocked()
        first = queue.get(next(iter(queue.items())).task_id)
        assert first is not None
        first.cancel()  # room for one, which is promised to the first that waits
        with pytest.raises(QueueFull):
            queue.put_nowait(noting(log, "overtaker"))
        group.start_soon(Worker(queue, "one").run)
        with anyio.fail_after(10):
            while len(log) < 3:
                await anyio.lowlevel.checkpoint()
        await queue.close()
    assert log == [1, 2, 3]


async def test_a_wait_for_room_that_is_cancelled_leaves_nothing() -> None:
    queue = TaskQueue(max_size=1)
    blocker = await queue.put(BackgroundTask(nothing))

    async def put(name: str, scope: anyio.CancelScope) -> None:
        with scope:
            await queue.put(BackgroundTask(nothing).with_options(name=name))

    scopes = [anyio.CancelScope() for _ in range(2)]
    async with anyio.create_task_group() as group:
        for name, scope in zip("ab", scopes, strict=True):
            group.start_soon(put, name, scope)
            await anyio.wait_all_tasks_blocked()
        scopes[0].cancel()
        await anyio.wait_all_tasks_blocked()
        blocker.cancel()
    assert queue.waiting == {"b": 1}


def test_room_that_was_promised_to_a_cancelled_wait_goes_to_the_next() -> None:
    async def main() -> None:
        queue = TaskQueue(max_size=1)
        blocker = await queue.put(BackgroundTask(nothing))
        tasks = [BackgroundTask(nothing).with_options(name=name) for name in "ab"]
        puts = [asyncio.create_task(queue.put(task)) for task in tasks]
        await asyncio.sleep(0)
        blocker.cancel()
        puts[0].cancel()  # the room is its own by now, but it has not woken yet
        await asyncio.wait(puts, timeout=10)
        assert puts[0].cancelled()
        assert queue.waiting == {"b": 1}
        with pytest.raises(QueueFull):
            queue.put_nowait(BackgroundTask(nothing))

    asyncio.run(main())


async def test_a_closed_queue_refuses_also_those_who_wait_for_room() -> None:
    queue = TaskQueue(max_size=1, name="emails")
    await queue.put(BackgroundTask(nothing))
    refused: list[str] = []

    async def put() -> None:
        try:
            await queue.put(BackgroundTask(nothing))
        except QueueClosed as error:
            refused.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(put)
        group.start_soon(put)
        await anyio.wait_all_tasks_blocked()
        await queue.close()
    with pytest.raises(QueueClosed):
        queue.put_nowait(BackgroundTask(nothing))
    assert refused == ["queue 'emails' takes no more tasks: it is closed"] * 2
    await serve(queue)
    assert queue.size == 0


async def test_threads_put_and_a_resting_worker_wakes() -> None:
    queue, log = TaskQueue(max_size=10_000), list[Any]()

    def put_many(start: int) -> None:
        for number in range(start, start + 200):
            queue.put_nowait(noting(log, number))

    async with anyio.create_task_group() as group:
        for name in ("one", "two"):
            group.start_soon(Worker(queue, name).run)
        await anyio.wait_all_tasks_blocked()
        async with anyio.create_task_group() as threads:
            for start in (0, 200, 400):
                threads.start_soon(anyio.to_thread.run_sync, put_many, start)
        with anyio.fail_after(20):
            await queue.join()
        await queue.close()
    assert sorted(log) == list(range(600))


def test_it_is_filled_before_any_event_loop_runs_and_served_in_another_thread() -> None:
    queue, log = TaskQueue(), list[Any]()
    handle = queue.put_nowait(noting(log, threading.get_ident()))

    async def work() -> None:
        await serve(queue)

    thread = threading.Thread(target=anyio.run, args=(work,))
    thread.start()
    outcome = anyio.run(handle.wait)
    thread.join()
    assert isinstance(outcome, Succeeded)
    assert log == [threading.get_ident()]


async def test_a_handle_tells_the_status_and_is_found_by_its_id() -> None:
    queue, go = TaskQueue(), anyio.Event()
    handle = await queue.put(BackgroundTask(go.wait).with_options(task_id="wait-1"))
    found = queue.get("wait-1")
    assert found is not None
    assert queue.get("unknown") is None
    assert found.status == "pending"
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await anyio.wait_all_tasks_blocked()
        assert found.status == "running"
        assert queue.size == 0
        go.set()
        with anyio.fail_after(10):
            assert isinstance(await handle.wait(), Succeeded)
        await queue.close()
    assert handle.status is TaskStatus.SUCCEEDED
    assert queue.get("wait-1") is not None


async def test_a_task_that_waits_is_cancelled_and_never_runs() -> None:
    queue, log = TaskQueue(max_size=2), list[Any]()
    handle, other = await queue.put(noting(log, 1)), await queue.put(noting(log, 2))
    handle.cancel()
    outcome = await handle.wait()
    assert isinstance(outcome, Cancelled)
    assert outcome.reason == "its handle was told to cancel"
    assert queue.size == 1
    queue.put_nowait(noting(log, 3))
    await serve(queue)
    assert log == [2, 3]
    assert other.status is TaskStatus.SUCCEEDED


async def test_join_waits_for_those_that_run_as_well() -> None:
    queue, go, joined = TaskQueue(), anyio.Event(), anyio.Event()
    await queue.join()

    async def join() -> None:
        await queue.join()
        joined.set()

    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await queue.put(BackgroundTask(go.wait))
        group.start_soon(join)
        await anyio.wait_all_tasks_blocked()
        assert queue.size == 0
        assert not joined.is_set()
        go.set()
        with anyio.fail_after(10):
            await joined.wait()
        await queue.close()


async def test_the_events_of_a_task_begin_when_it_is_put() -> None:
    queue, events = TaskQueue(), list["TaskEvent"]()
    with subscribe(events.append):
        await queue.put(BackgroundTask(nothing))
        assert [type(event) for event in events] == [TaskSubmitted]
        await serve(queue)
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["TaskSubmitted", "TaskStarted", "TaskEnded"]


def test_its_repr_says_how_full_it_is() -> None:
    queue = TaskQueue(5, name="emails")
    queue.put_nowait(BackgroundTask(nothing))
    assert repr(queue) == "<TaskQueue 'emails': 1 of 5>"
    anyio.run(queue.close)
    assert repr(queue) == "<TaskQueue 'emails': 1 of 5, closed>"
    assert queue.name == "emails"
