"""What is logged about an execution, on the logger `postlude`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from postlude._current import request_id

if TYPE_CHECKING:
    from types import TracebackType

    from postlude._call import Call

    ExceptionDetails = tuple[type[BaseException], BaseException, TracebackType | None]

logger = logging.getLogger("postlude")

_LIBRARIES = {"postlude", "anyio", "trio", "outcome"}


class Report:
    """The facts of one attempt, put into one record."""

    __slots__ = ("_attempt", "_call", "_duration", "_task_id")

    def __init__(self, call: Call, *, task_id: str, attempt: int, duration: float) -> None:
        """Hold the facts; `duration` is in seconds since the first attempt began."""
        self._call = call
        self._task_id = task_id
        self._attempt = attempt
        self._duration = duration

    def retry(self, error: BaseException, *, most: int, delay: float) -> None:
        """One WARNING: it failed and is tried again."""
        after = f" of {most} ({_said(error)}), next attempt in {delay:.2f} s"
        self._log(logging.WARNING, "failed", after)

    def failure(self, error: BaseException) -> None:
        """One ERROR with the traceback: it failed for good."""
        self._log(logging.ERROR, "failed", f" after {self._duration:.3f} s", error=error)

    def timeout(self, limit: float) -> None:
        """One ERROR: the last attempt took too long."""
        after = f" after {self._duration:.3f} s: its limit is {limit:g} s per attempt"
        self._log(logging.ERROR, "timed out", after)

    def interruption(self, error: BaseException) -> None:
        """One WARNING: a cancellation or an exit came from outside."""
        when = f" after {self._duration:.3f} s" if self._attempt else " before it was due"
        after = f"{when} by {type(error).__name__}"
        self._log(logging.WARNING, "was interrupted", after)

    def loss(self, reason: str) -> None:
        """One ERROR: the runner ended before the task did."""
        if self._attempt:
            self._log(logging.ERROR, "was lost", f" after {self._duration:.3f} s: {reason}")
        else:
            self._log(logging.ERROR, "was never started", f": {reason}")

    def _log(
        self, level: int, verb: str, after: str, *, error: BaseException | None = None
    ) -> None:
        extra = {
            "task_name": self._call.name,
            "task_id": self._task_id,
            "attempt": self._attempt,
            "duration": self._duration,
            "request_id": self._call.context.get(request_id),
        }
        attempt = f" on attempt {self._attempt}" if self._attempt else ""
        message = "task %r (id %s) " + verb + "%s%s"
        values = (self._call.name, self._task_id, attempt, after)
        # In the task's context, so that a filter finds the request's id there.
        context = self._call.context.copy()
        context.run(logger.log, level, message, *values, exc_info=_trimmed(error), extra=extra)


def _said(error: BaseException) -> str:
    """The error in one line; one that cannot say itself must not stop the task's siblings."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _trimmed(error: BaseException | None) -> ExceptionDetails | None:
    """The error for a log, its traceback beginning where the user's code does."""
    if error is None:
        return None
    traceback = error.__traceback__
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in _LIBRARIES:
            break
        traceback = traceback.tb_next
    return type(error), error, traceback or error.__traceback__
