"""What became of one execution of a task: a closed set of four."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The function returned.

    Attributes:
        value: What it returned.
        task_id: The execution's id.
        name: The task's name.
        attempts: How often the function was called, at least 1.
        duration: Seconds from the first call to the end, waits between attempts included.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask


        async def add(a: int, b: int) -> int:
            return a + b


        outcome = asyncio.run(BackgroundTask(add, 1, 2).run())
        print(type(outcome).__name__, outcome.value, outcome.attempts)
        ```

        ```text title="Output"
        Succeeded 3 1
        ```
    """

    value: Any
    task_id: str
    name: str
    attempts: int
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The last attempt raised.

    Attributes:
        error: The original exception, with its traceback.
        task_id: The execution's id.
        name: The task's name.
        attempts: How often the function was called, at least 1.
        duration: Seconds from the first call to the end, waits between attempts included.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask, Failed

        logging.getLogger("postlude").disabled = True  # the failure is logged as well


        async def read_sensor() -> float:
            raise OSError("no answer")


        outcome = asyncio.run(BackgroundTask(read_sensor).run())
        match outcome:
            case Failed(error=error, attempts=attempts):
                print(f"{error!r} after {attempts} attempt")
        ```

        ```text title="Output"
        OSError('no answer') after 1 attempt
        ```
    """

    error: BaseException
    task_id: str
    name: str
    attempts: int
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """The last attempt was not done within the task's time limit.

    Attributes:
        timeout: The limit of one attempt, in seconds.
        task_id: The execution's id.
        name: The task's name.
        attempts: How often the function was called, at least 1.
        duration: Seconds from the first call to the end, waits between attempts included.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask

        logging.getLogger("postlude").disabled = True  # the failure is logged as well

        task = BackgroundTask(asyncio.sleep, 60).with_options(timeout=0.05)
        outcome = asyncio.run(task.run())
        print(type(outcome).__name__, outcome.name, outcome.timeout)
        print("after its limit, not much later:", 0.05 <= outcome.duration < 10)
        ```

        ```text title="Output"
        TimedOut sleep 0.05
        after its limit, not much later: True
        ```
    """

    timeout: float
    task_id: str
    name: str
    attempts: int
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The task was not run, or not to its end, because of something outside it.

    Attributes:
        reason: What that was, in words.
        task_id: The execution's id.
        name: The task's name.
        attempts: How often the function was called; 0 if it never was.
        duration: Seconds from the first call to the end; 0.0 if it was never called.

    Example:
        ```python
        from postlude import Cancelled

        outcome = Cancelled(
            reason="task 'charge' failed before it",
            task_id="7f3a",
            name="ship",
            attempts=0,
            duration=0.0,
        )
        print(outcome.name, "not run:", outcome.reason)
        ```

        ```text title="Output"
        ship not run: task 'charge' failed before it
        ```
    """

    reason: str
    task_id: str
    name: str
    attempts: int
    duration: float


Outcome: TypeAlias = Succeeded | Failed | TimedOut | Cancelled
