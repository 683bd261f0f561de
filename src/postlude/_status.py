"""Where a task stands, in one vocabulary for handles, stores and engines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


class TaskStatus(StrEnum):
    """Where a task stands; each is also its own text, so that an endpoint can return it.

    Example:
        ```python
        import json

        from postlude import TaskStatus

        print(json.dumps({"status": TaskStatus.RUNNING}))
        print(*TaskStatus)
        ```

        ```text title="Output"
        {"status": "running"}
        pending running retrying succeeded failed timed_out cancelled unknown
        ```
    """

    PENDING = "pending"
    """It waits for its first attempt."""
    RUNNING = "running"
    """An attempt is under way."""
    RETRYING = "retrying"
    """An attempt failed, and it waits for the next one."""
    SUCCEEDED = "succeeded"
    """The function returned."""
    FAILED = "failed"
    """The last attempt raised."""
    TIMED_OUT = "timed_out"
    """The last attempt was not done in time."""
    CANCELLED = "cancelled"
    """It was not run, or not to its end."""
    UNKNOWN = "unknown"
    """Nobody knows the id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """What a store or an engine knows of a task.

    Attributes:
        task_id: The id that was asked for.
        status: Where it stands; `unknown` for an id that nobody knows, any more or at all.
        result: What the function returned, once it has succeeded and if the engine keeps it.
        error: The last error as text, such as `ValueError: no such address`.
        attempts: How often the function was called, as far as the engine counts.
        enqueued_at: When it was handed over, with its time zone; `None` where that is not known.
        started_at: When its last attempt began.
        ended_at: When it ended.

    Example:
        ```python
        from postlude import TaskState, TaskStatus

        state = TaskState(task_id="7f3a", status=TaskStatus.UNKNOWN)
        if state.status == "unknown":
            print("404: no task", state.task_id)
        ```

        ```text title="Output"
        404: no task 7f3a
        ```
    """

    task_id: str
    status: TaskStatus
    result: Any = None
    error: str | None = None
    attempts: int = 0
    enqueued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
