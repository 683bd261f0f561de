"""BackgroundTask: one piece of work."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import BackgroundTask, BackgroundTasks, RetryPolicy, Succeeded

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def test_awaiting_it_calls_the_function_once_and_returns_nothing() -> None:
    calls: list[tuple[int, int]] = []

    async def note(a: int, *, b: int) -> str:
        calls.append((a, b))
        return "value"

    assert await BackgroundTask(note, 1, b=2)() is None  # type: ignore[func-returns-value]
    assert calls == [(1, 2)]


async def test_run_returns_what_the_function_returned() -> None:
    outcome = await BackgroundTask(max, 3, 4).run()
    assert isinstance(outcome, Succeeded)
    assert (outcome.value, outcome.name, outcome.attempts) == (4, "max", 1)
    assert outcome.duration >= 0


async def test_it_can_be_called_again_and_at_the_same_time() -> None:
    together = 0
    most = 0

    async def meet() -> None:
        nonlocal together, most
        together += 1
        most = max(most, together)
        while most < 3:
            await anyio.lowlevel.checkpoint()
        together -= 1

    task = BackgroundTask(meet)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(task)
    assert (most, together) == (3, 0)
    await task()


def test_it_shows_what_it_holds() -> None:
    def send(*args: Any, **kwargs: Any) -> None: ...

    task = BackgroundTask(send, 1, b=2)
    task.used = True
    assert (task.func, task.args, task.kwargs) == (send, (1,), {"b": 2})
    assert repr(task) == str(task) == "<BackgroundTask 'send'>"
    assert bool(task)


def test_options_make_a_new_task_and_leave_the_old_one() -> None:
    policy = RetryPolicy(1)
    old = BackgroundTask(max, 1, 2)
    new = old.with_options(name="largest", timeout=timedelta(seconds=2), retry_policy=policy)
    newer = new.with_options(task_id="t")
    for task in (old, new, newer):
        task.used = True
    assert (old.name, old.options.timeout) == ("max", None)
    assert (newer.name, newer.options.timeout, newer.options.retry_policy) == (
        "largest",
        2.0,
        policy,
    )
    assert (new.options.task_id, newer.options.task_id) == (None, "t")
    assert type(newer) is BackgroundTask
    assert newer.args == (1, 2)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"timeout": 0}, ValueError, "timeout=0 must be more than 0"),
        ({"timeout": timedelta(0)}, ValueError, "must be more than 0"),
        ({"timeout": -1.0}, ValueError, r"timeout=-1\.0 must be more than 0"),
        ({"timeout": "5"}, TypeError, "timeout='5' must be seconds or a timedelta"),
        ({"timeout": True}, TypeError, "timeout=True must be seconds"),
        ({"name": ""}, ValueError, "name='' is empty"),
        ({"name": 3}, TypeError, "name= must be a string, got an object of type 'int'"),
        ({"task_id": " "}, ValueError, "task_id=' ' is empty"),
        (
            {"retry_policy": 3},
            TypeError,
            "retry_policy= must be a RetryPolicy, got an object of type 'int': write",
        ),
        ({"retries": 3}, TypeError, "unexpected keyword argument 'retries'"),
    ],
)
def test_a_bad_option_is_refused_with_its_value(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    task = BackgroundTask(int)
    task.used = True
    with pytest.raises(error, match=message):
        task.with_options(**options)


def test_a_task_thrown_away_is_reported_once_by_name(records: Records) -> None:
    def forgotten(password: str) -> None: ...

    task = BackgroundTask(forgotten, "hunter2")
    del task
    gc.collect()
    (record,) = records()
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "task 'forgotten' was created but never run: "
        "pass it as background=, add it to a group or await it"
    )


async def test_a_task_that_was_put_to_use_is_not_reported(records: Records) -> None:
    await BackgroundTask(int)()
    await BackgroundTask(int).run()
    await BackgroundTask(int).with_options(name="x")()
    await BackgroundTasks([BackgroundTask(int)])()
    await BackgroundTasks([BackgroundTask(int)]).renewed()()
    await BackgroundTask(int).renewed()()
    with pytest.raises(TypeError):
        BackgroundTask(abs)  # type: ignore[arg-type]  # pyright: ignore
    gc.collect()
    assert records() == []


def test_a_task_that_lives_until_the_interpreter_ends_is_not_reported() -> None:
    program = (
        "from postlude import BackgroundTask, BackgroundTasks\n"
        "task = BackgroundTask(print)\n"
        "tasks = BackgroundTasks([BackgroundTask(print)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_a_failure_is_visible_when_nobody_has_configured_logging() -> None:
    program = (
        "import asyncio\n"
        "from postlude import BackgroundTask\n"
        "asyncio.run(BackgroundTask(int, 'seven')())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    assert done.stderr.startswith("task 'int' (id ")
    assert done.stderr.count("Traceback (most recent call last)") == 1
    assert done.stderr.rstrip().endswith("invalid literal for int() with base 10: 'seven'")


def test_an_option_that_is_left_out_keeps_its_value() -> None:
    policy = RetryPolicy(1)
    options: dict[str, Any] = {
        "name": "own",
        "retry_policy": policy,
        "timeout": 3.0,
        "delay": 2.0,
        "task_id": "own-id",
    }
    task = BackgroundTask(len, "four").with_options(**options)
    for name, value in options.items():
        again = task.with_options(**{name: value})
        again.used = True
        kept = {key: getattr(again.options, key) for key in ("retry_policy", "timeout", "delay")}
        assert {"name": again.name, "task_id": again.options.task_id, **kept} == options
    task.used = True
