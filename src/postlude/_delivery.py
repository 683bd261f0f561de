"""One attempt at a message, on the side of a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlude._clock import clock
from postlude._execution import Execution

if TYPE_CHECKING:
    from postlude._message import Message
    from postlude._outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """An attempt failed, and another is to follow.

    Attributes:
        error: What it failed with.
        delay: Seconds to wait before the next one.
        attempts: How many there have been.
    """

    error: BaseException
    delay: float
    attempts: int


class Delivery(Execution):
    """The next attempt at a message.

    It logs, retries by the task's policy and tells observers as any execution does; the wait
    between two attempts is the engine's.

    Args:
        message: The task.
        failures: How many attempts there have been before, all of which failed.

    Raises:
        MessageRefused: The message names no function of this process, or does not fit it.
    """

    __slots__ = ("_again",)

    def __init__(self, message: Message, *, failures: int = 0) -> None:
        """Prepare; nothing runs before `make`."""
        super().__init__(message.call())
        self._again: Again | None = None
        if failures:
            self.attempts = failures
            self.started = clock().now()
            self.scene = (
                self.call.context.copy()
            )  # so that nobody hears twice that it was handed over

    async def make(self) -> Outcome | Again:
        """Call the function once, and say what is to become of the task."""
        await self.attempt()
        return self.verdict()

    def verdict(self) -> Outcome | Again:
        """What is to become of the task, after an attempt."""
        if self.outcome is not None:
            return self.outcome
        assert self._again is not None
        return self._again

    def _retry(self, error: BaseException) -> bool:
        if not super()._retry(error):
            return False
        self._again = Again(
            error=error, delay=max(0.0, self.due - clock().now()), attempts=self.attempts
        )
        return True
