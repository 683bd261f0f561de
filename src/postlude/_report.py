"""What is logged about an execution, on the logger `postlude`."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from postlude._current import request_id

if TYPE_CHECKING:
    from postlude._call import Call

logger = logging.getLogger("postlude")

_LIBRARIES = {"postlude", "anyio", "trio", "outcome"}


class Report:
    """The facts of one attempt, put into one record."""

    __slots__ = ("_after", "_attempt", "_call", "_duration", "_task_id")

    def __init__(
        self, call: Call, *, task_id: str, attempt: int, duration: float, is_vague: bool = False
    ) -> None:
        """Hold the facts.

        Args:
            call: The task.
            task_id: The execution's id.
            attempt: The number of the attempt; 0 if none was made.
            duration: Seconds since the first attempt began.
            is_vague: Whether it may have begun a little later.
        """
        self._after = f"after {'at most ' if is_vague else ''}{duration:.3f} s"
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
        self._log(logging.ERROR, "failed", f" {self._after}", error=error)

    def timeout(self, limit: float) -> None:
        """One ERROR: the last attempt took too long."""
        after = f" {self._after}: its limit is {limit:g} s per attempt"
        self._log(logging.ERROR, "timed out", after)

    def interruption(self, error: BaseException) -> None:
        """One WARNING: a cancellation or an exit came from outside."""
        when = f" {self._after}" if self._attempt else " before it was due"
        after = f"{when} by {type(error).__name__}"
        self._log(logging.WARNING, "was interrupted", after)

    def loss(self, reason: str, *, is_kept: bool = False) -> None:
        """One ERROR: the runner ended before the task did; a WARNING if a store has it still."""
        if is_kept:
            after = f" {self._after}, and goes back to its store: {reason}"
            self._log(logging.WARNING, "was cut off", after)
        elif self._attempt:
            self._log(logging.ERROR, "was lost", f" {self._after}: {reason}")
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
        details = (type(error), error, error.__traceback__) if error is not None else None
        # In the task's context, so that a filter finds the request's id there.
        context = self._call.context.copy()
        try:
            context.run(logger.log, level, message, *values, exc_info=details, extra=extra)
        except Exception:
            # As `logging` does for a handler that fails: a filter must not stop other tasks.
            if logging.raiseExceptions:
                traceback.print_exc()


def trim(error: BaseException) -> None:
    """Let the error's traceback begin where the user's code does, also when it is chained."""
    first = error.__traceback__
    while first is not None:
        module = str(first.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in _LIBRARIES:
            error.__traceback__ = first
            return
        first = first.tb_next


def _said(error: BaseException) -> str:
    """The error in one line; one that cannot say itself must not stop the task's siblings."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
