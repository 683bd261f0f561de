"""How a task is to be run: its name, id, retries and time limit."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from postlude._retry import RetryPolicy

if TYPE_CHECKING:
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
    is_async: bool = False

    def updated(
        self,
        *,
        name: str | None,
        retry_policy: RetryPolicy | None,
        timeout: float | timedelta | None,
        delay: float | timedelta | None,
        task_id: str | None,
    ) -> Self:
        """The same options with those replaced that are not `None`."""
        return replace(
            self,
            name=self.name if name is None else _checked_text("name", name),
            retry_policy=self.retry_policy
            if retry_policy is None
            else checked_policy(retry_policy),
            timeout=self.timeout
            if timeout is None
            else checked_seconds("timeout", timeout, without="for no limit"),
            delay=self.delay
            if delay is None
            else checked_seconds("delay", delay, without="to start at once"),
            task_id=self.task_id if task_id is None else _checked_text("task_id", task_id),
        )


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


def _checked_text(name: str, value: object) -> str:
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
    if not 0 < seconds < math.inf:
        raise ValueError(f"{name}={seconds!r} must be more than 0 seconds; leave it out {without}")
    return float(seconds)
