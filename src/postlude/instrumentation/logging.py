"""A log line for each event of a task."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from postlude._events import TaskEnded, TaskStarted, TaskSubmitted
from postlude._outcome import Cancelled, Succeeded

if TYPE_CHECKING:
    from postlude._events import TaskEvent


class EventLog:
    """Logs what the package does not log by itself: that tasks begin, succeed or are cancelled.

    With it there is one line for each event: retries and failures are logged anyway, once, on the
    logger `postlude`. A task that is submitted or starts is a line at DEBUG, one that ends at INFO.

    The facts are attributes of the record, the same as in the package's own records, so that a JSON
    formatter finds them: `task_name`, `task_id`, `attempt`, `duration` and `request_id`; and
    `task_event`, which is `submitted`, `started`, `succeeded` or `cancelled`.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask, subscribe
        from postlude.instrumentation.logging import EventLog

        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
        with subscribe(EventLog()):
            asyncio.run(BackgroundTask(asyncio.sleep, 0)())
        ```

        ```text title="Output"
        INFO postlude.events task 'sleep' (id ...) succeeded on attempt 1 after ... s
        ```
    """

    def __init__(
        self, logger: str | logging.Logger = "postlude.events", *, level: int = logging.INFO
    ) -> None:
        """Choose where the lines go.

        Args:
            logger: A logger or its name.
            level: The level of lines about the end of a task.

        Example:
            ```python
            import asyncio
            import logging

            from postlude import BackgroundTask, subscribe
            from postlude.instrumentation.logging import EventLog

            logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
            with subscribe(EventLog("shop.tasks", level=logging.WARNING)):
                asyncio.run(BackgroundTask(asyncio.sleep, 0)())
            ```

            ```text title="Output"
            WARNING shop.tasks task 'sleep' (id ...) succeeded on attempt 1 after ... s
            ```
        """
        self._logger = logging.getLogger(logger) if isinstance(logger, str) else logger
        self._level = level

    def __call__(self, event: TaskEvent) -> None:
        """Log the event, unless the package does."""
        match event:
            case TaskSubmitted():
                self._log(logging.DEBUG, event, "submitted")
            case TaskStarted():
                self._log(logging.DEBUG, event, "started")
            case TaskEnded(outcome=Succeeded(duration=duration)):
                self._log(self._level, event, "succeeded", f" after {duration:.3f} s", duration)
            case TaskEnded(outcome=Cancelled(duration=duration, reason=reason)):
                self._log(self._level, event, "cancelled", f": {reason}", duration)
            case _:
                pass

    def _log(
        self, level: int, event: TaskEvent, what: str, more: str = "", duration: float = 0.0
    ) -> None:
        if not self._logger.isEnabledFor(level):
            return
        attempt = f" on attempt {event.attempt}" if event.attempt else ""
        extra = {
            "task_event": what,
            "task_name": event.name,
            "task_id": event.task_id,
            "attempt": event.attempt,
            "duration": duration,
            "request_id": event.request_id,
        }
        message = "task %r (id %s) %s%s%s"
        self._logger.log(
            level, message, event.name, event.task_id, what, attempt, more, extra=extra
        )
