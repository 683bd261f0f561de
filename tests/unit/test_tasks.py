"""BackgroundTasks: order, limit, isolation, pipeline."""

from __future__ import annotations

import copy
import gc
import logging
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    RetryPolicy,
    Succeeded,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio

EVERY_LIMIT = pytest.mark.parametrize("limit", [1, 3, None])


def fails() -> None:
    raise ValueError("bad")


async def fails_async() -> None:
    raise ValueError("bad")


@EVERY_LIMIT
@pytest.mark.parametrize("way", ["call", "run_all"])
async def test_tasks_start_in_the_order_added(limit: int | None, way: str) -> None:
    started: list[int] = []

    async def start(number: int) -> None:
        started.append(number)
        await anyio.lowlevel.checkpoint()

    tasks = BackgroundTasks(max_concurrent=limit)
    for number in range(20):
        tasks.add_task(start, number)
    await (tasks() if way == "call" else tasks.run_all())
    assert started == list(range(20))


@pytest.mark.parametrize("way", ["call", "run_all"])
async def test_one_ends_before_the_next_starts_by_default(way: str) -> None:
    log: list[str] = []

    async def work_async(name: str) -> None:
        log.append(f"{name} starts")
        await anyio.lowlevel.checkpoint()
        log.append(f"{name} ends")

    def work(name: str) -> None:
        log.extend([f"{name} starts", f"{name} ends"])

    tasks = BackgroundTasks()
    tasks.add_task(work_async, "a")
    tasks.add_task(work, "b")
    tasks.add_task(work_async, "c")
    await (tasks() if way == "call" else tasks.run_all())
    assert log == [f"{name} {verb}" for name in "abc" for verb in ("starts", "ends")]


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize("limit", [2, 5, 12, None])
async def test_exactly_so_many_run_at_a_time(limit: int | None, in_thread: bool) -> None:
    expected = limit or 20
    running = most = 0
    lock = threading.Lock()
    full = anyio.Event()

    def enter() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == expected:
                anyio.from_thread.run_sync(full.set) if in_thread else full.set()

    def leave() -> None:
        nonlocal running
        with lock:
            running -= 1

    async def work_async() -> None:
        enter()
        await full.wait()
        leave()

    def work() -> None:
        enter()
        anyio.from_thread.run(full.wait)
        leave()

    tasks = BackgroundTasks(max_concurrent=limit)
    for _ in range(20):
        tasks.add_task(work if in_thread else work_async)
    with anyio.fail_after(10):
        outcomes = await tasks.run_all()
    assert most == expected
    assert all(isinstance(outcome, Succeeded) for outcome in outcomes)


@EVERY_LIMIT
@pytest.mark.parametrize("function", [fails, fails_async])
@pytest.mark.parametrize("way", ["call", "run_all"])
async def test_a_failing_task_never_stops_the_others(
    limit: int | None, function: Callable[[], Any], way: str, records: Records
) -> None:
    ran: list[int] = []

    async def good(number: int) -> None:
        await anyio.lowlevel.checkpoint()
        ran.append(number)

    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(good, 1)
    tasks.add_task(function)
    tasks.add_task(good, 2)
    if way == "call":
        await tasks()
    else:
        outcomes = await tasks.run_all()
        kinds = [type(outcome).__name__ for outcome in outcomes]
        assert kinds == ["Succeeded", "Failed", "Succeeded"]
    assert sorted(ran) == [1, 2]
    assert [record.levelname for record in records()] == ["ERROR"]


@EVERY_LIMIT
async def test_outcomes_come_in_the_order_added(limit: int | None) -> None:
    async def value(number: int) -> int:
        await anyio.sleep(0.01 / (number + 1))
        return number

    tasks = BackgroundTasks([BackgroundTask(value, n) for n in range(6)], max_concurrent=limit)
    outcomes = await tasks.execute_all()
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Succeeded)] == [*range(6)]


@EVERY_LIMIT
@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_task_added_by_a_task_is_run(limit: int | None, in_thread: bool) -> None:
    log: list[str] = []
    tasks = BackgroundTasks(max_concurrent=limit)

    def first() -> None:
        log.append("first")
        tasks.add_task(log.append, "added")

    async def first_async() -> None:
        first()

    tasks.add_task(first if in_thread else first_async)
    tasks.add_task(log.append, "second")
    with anyio.fail_after(5):
        assert len(await tasks.run_all()) == 3
    assert sorted(log) == ["added", "first", "second"]


async def test_a_task_added_when_there_is_room_starts_at_once() -> None:
    tasks = BackgroundTasks(max_concurrent=2)
    added = anyio.Event()

    async def later() -> None:
        added.set()

    async def waits_for_what_it_adds() -> None:
        tasks.add_task(later)
        await added.wait()

    tasks.add_task(waits_for_what_it_adds)
    with anyio.fail_after(5):
        await tasks()


@EVERY_LIMIT
async def test_a_task_waiting_for_its_retry_holds_up_nobody(
    limit: int | None, clock: VirtualClock, records: Records
) -> None:
    log: list[tuple[str, float]] = []

    async def flaky() -> None:
        log.append(("flaky", clock.now()))
        if len([name for name, _ in log if name == "flaky"]) < 3:
            raise OSError

    async def steady() -> None:
        log.append(("steady", clock.now()))

    policy = RetryPolicy(max_retries=2, jitter=0.0)
    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(flaky, retry_policy=policy)
    tasks.add_task(steady)
    async with anyio.create_task_group() as group:
        group.start_soon(tasks)
        await clock.advance(10)
    assert log == [("flaky", 0.0), ("steady", 0.0), ("flaky", 1.0), ("flaky", 3.0)]
    assert [record.levelname for record in records()] == ["WARNING"] * 2


@EVERY_LIMIT
async def test_each_call_runs_everything_anew(limit: int | None) -> None:
    ran: list[int] = []
    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(ran.append, 1)
    await tasks()
    await tasks()
    async with anyio.create_task_group() as group:
        group.start_soon(tasks)
        group.start_soon(tasks)
    assert ran == [1] * 4


@EVERY_LIMIT
async def test_cancellation_from_outside_goes_through_the_group(limit: int | None) -> None:
    ran: list[str] = []
    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(anyio.sleep_forever)
    if limit == 1:
        tasks.add_task(ran.append, "after")
    with anyio.move_on_after(0.02) as scope:
        await tasks()
        pytest.fail("the cancellation was swallowed")
    assert scope.cancelled_caught
    assert ran == []


async def test_retry_policy_is_the_tasks_own_and_not_passed_on() -> None:
    def note(**kwargs: Any) -> dict[str, Any]:
        return kwargs

    tasks = BackgroundTasks()
    task = tasks.add_task(note, a=1, retry_policy=RetryPolicy(2))
    (outcome,) = await tasks.run_all()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == {"a": 1}
    assert task.options.retry_policy == RetryPolicy(2)


def test_an_empty_group_is_true_and_has_what_frameworks_look_for() -> None:
    tasks = BackgroundTasks()
    assert bool(tasks)
    assert (tasks.tasks, tasks.args, tasks.kwargs) == ([], (), {})
    assert tasks.func is tasks
    assert repr(tasks) == "<BackgroundTasks: 0 tasks>"


async def test_a_group_may_be_a_task_of_a_group() -> None:
    ran: list[int] = []
    inner = BackgroundTasks([BackgroundTask(ran.append, 1)])
    outer = BackgroundTasks()
    outer.add_task(inner)
    outer.add_task(ran.append, 2)
    await outer()
    assert ran == [1, 2]


@pytest.mark.parametrize(
    ("limit", "error", "message"),
    [
        (0, ValueError, "max_concurrent=0 must be 1 or more; None is no limit"),
        (-3, ValueError, "max_concurrent=-3 must be 1 or more"),
        (True, TypeError, "max_concurrent=True must be a whole number"),
        ("5", TypeError, "max_concurrent='5' must be a whole number"),
        (2.0, TypeError, r"max_concurrent=2\.0 must be a whole number"),
    ],
)
def test_a_bad_limit_is_refused_with_its_value(
    limit: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        BackgroundTasks(max_concurrent=limit)


def test_what_is_no_task_cannot_be_added() -> None:
    with pytest.raises(TypeError, match="got an object of type 'function': write add"):
        BackgroundTasks([fails])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="got an object of type 'BackgroundTasks'"):
        BackgroundTasks().add(BackgroundTasks())  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match="retry_policy= must be a RetryPolicy, got an object of type 'int'"
    ):
        BackgroundTasks().add_task(fails, retry_policy=3)  # type: ignore[call-overload]


def test_a_function_with_an_argument_of_the_reserved_name_is_told_another_way() -> None:
    def configure(retry_policy: str) -> None:
        raise AssertionError(retry_policy)

    with pytest.raises(TypeError) as refused:
        BackgroundTasks().add_task(configure, retry_policy="twice")
    assert str(refused.value) == (
        "configure() wants an argument 'retry_policy', which add_task() keeps for the task itself: "
        "write add(BackgroundTask(configure, ..., retry_policy=...))"
    )


def test_a_group_thrown_away_is_reported_with_its_tasks(records: Records) -> None:
    BackgroundTasks([BackgroundTask(fails), BackgroundTask(fails_async)])
    gc.collect()
    assert [record.getMessage().split(":")[0] for record in records()] == [
        "group of 'fails', 'fails_async' was created but never run"
    ]


def test_one_task_instead_of_a_list_is_refused_with_advice() -> None:
    task = BackgroundTask(print)
    with pytest.raises(TypeError, match=r"write BackgroundTasks\(\[task\]\)$"):
        BackgroundTasks(task)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    task.used = True


async def test_an_error_that_cannot_say_itself_stops_no_sibling() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    def fails() -> None:
        raise Mute

    ran: list[str] = []
    tasks = BackgroundTasks()
    tasks.add_task(fails, retry_policy=RetryPolicy(1, initial_delay=0.001, jitter=0))
    tasks.add_task(ran.append, "sibling")
    await tasks()
    assert ran == ["sibling"]


def test_a_copy_made_with_a_handler_is_the_same_task() -> None:
    task = BackgroundTask(print)
    tasks = BackgroundTasks([task])
    assert copy.deepcopy([task, tasks]) == [task, tasks]


def test_tasks_that_are_no_list_are_refused() -> None:
    function: Any = len
    with pytest.raises(TypeError, match=r"takes a list of tasks, got an object of type 'builtin"):
        BackgroundTasks(function)


async def test_what_is_no_function_is_refused_by_a_group_too() -> None:
    tasks = BackgroundTasks()
    with pytest.raises(TypeError, match="a task needs a function, got an object of type 'int'"):
        tasks.add_task(3)  # type: ignore[call-overload]
    assert tasks.tasks == []
