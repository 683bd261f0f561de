"""How a task is to be run: its name, id, retries and time limit, and where."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from postlude._retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


@dataclass(frozen=True, slots=True)
class Options:
    """What `BackgroundTask.with_options` sets; `None` is the default of each.

    Attributes:
        is_async: Whether the function is an `async def`: that is not set, but seen. It is here so
            that one look tells whether a task can take the shortest way.
    """

    name: str | None = None
    retry_policy: RetryPolicy | None = None
    timeout: float | None = None
    delay: float | None = None
    task_id: str | None = None
    engine: Any = None
    queue: str | None = None
    priority: int | None = None
    is_async: bool = False

    def updated(
        self,
        *,
        name: str | None = None,
        retry_policy: RetryPolicy | None = None,
        timeout: float | timedelta | None = None,
        delay: float | timedelta | None = None,
        task_id: str | None = None,
        engine: object = None,
        queue: str | None = None,
        priority: int | None = None,
    ) -> Self:
        """The same options with those replaced that are not `None`."""
        # `dataclasses.replace` takes three times as long, for each task that a worker reads.
        return type(self)(
            self.name if name is None else _CHECKS["name"](name),
            self.retry_policy if retry_policy is None else _CHECKS["retry_policy"](retry_policy),
            self.timeout if timeout is None else _CHECKS["timeout"](timeout),
            self.delay if delay is None else _CHECKS["delay"](delay),
            self.task_id if task_id is None else _CHECKS["task_id"](task_id),
            self.engine if engine is None else _CHECKS["engine"](engine),
            self.queue if queue is None else _CHECKS["queue"](queue),
            self.priority if priority is None else _CHECKS["priority"](priority),
            self.is_async,
        )


# In seconds. A whole number may be larger than any other.
LONGEST = sys.float_info.max
DEFAULT = Options()
DEFAULT_ASYNC = Options(is_async=True)


def checked_policy(value: object) -> RetryPolicy:
    """The value, if it is a retry policy.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(value, RetryPolicy):
        raise TypeError(
            f"retry_policy= must be a RetryPolicy, got an object of type {type(value).__name__!r}: "
            "write retry_policy=RetryPolicy(max_retries=3)"
        )
    return value


def checked_text(name: str, value: object) -> str:
    """The value, if it is a text that says something.

    Raises:
        TypeError: It is no string.
        ValueError: It is empty.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}= must be a string, got an object of type {type(value).__name__!r}")
    if not value.strip():
        raise ValueError(f"{name}={value!r} is empty: leave it out to get the default")
    return value


def checked_seconds(name: str, value: object, *, without: str) -> float:
    """The value in seconds, if it is a time that can be waited for.

    Args:
        name: What the argument is called.
        value: Seconds or a `timedelta`.
        without: What leaving the argument out means, after "leave it out".

    Raises:
        TypeError: It is neither.
        ValueError: It is not more than 0, or not finite.
    """
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name}={value!r} must be seconds or a timedelta, such as {name}=5.0")
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"{name}={seconds!r} must be more than 0 seconds; leave it out {without}")
    return float(seconds)


def checked_engine(value: object) -> Any:
    """The value, if tasks can be sent there.

    Raises:
        TypeError: It is no engine and no store.
    """
    if isinstance(value, type):
        got = f"the class {value.__name__}"
    elif all(callable(getattr(value, method, None)) for method in ("submit", "status", "cancel")):
        return value
    else:
        got = f"an object of type {type(value).__name__!r}"
    raise TypeError(
        f"engine= needs a store or an engine, got {got}: "
        "write engine=SQLiteStore('tasks.db') or engine=CeleryEngine(app)"
    )


def checked_priority(value: object) -> int:
    """The value, if it is a priority.

    Raises:
        TypeError: It is no whole number.
    """
    if type(value) is not int:
        raise TypeError(f"priority={value!r} must be a whole number; higher goes first")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": partial(checked_text, "name"),
    "retry_policy": checked_policy,
    "timeout": partial(checked_seconds, "timeout", without="for no limit"),
    "delay": partial(checked_seconds, "delay", without="to start at once"),
    "task_id": partial(checked_text, "task_id"),
    "engine": checked_engine,
    "queue": partial(checked_text, "queue"),
    "priority": checked_priority,
}
