"""Executions whose next attempt is for a store or engine to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlude._clock import clock
from postlude._execution import Execution

if TYPE_CHECKING:
    from postlude._outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """An attempt failed, and another is to follow.

    Attributes:
        error: What it failed with.
        delay: Seconds to wait before the next one.
        attempts: How many there have been.

    Example:
        ```python
        from postlude import Again

        verdict = Again(error=OSError("busy"), delay=2.0, attempts=1)
        match verdict:
            case Again(delay=delay, error=error):
                print(f"{error!r}: again in {delay} s")
        ```

        ```text title="Output"
        OSError('busy'): again in 2.0 s
        ```
    """

    error: BaseException
    delay: float
    attempts: int


class Redelivery(Execution):
    """An execution that remembers what is to follow."""

    again: Again | None

    def take_up(self, failures: int) -> None:
        """Begin after attempts that were made elsewhere, all of which failed."""
        self.again = None
        if failures:
            self.attempts = failures
            self.started = clock().now()
            # So that nobody hears twice that it was handed over.
            self.scene = self.call.context.copy()

    def verdict(self) -> Outcome | Again:
        """What is to become of the task, after an attempt."""
        if self.outcome is not None:
            return self.outcome
        assert self.again is not None
        return self.again

    def _retry(self, error: BaseException) -> bool:
        if not super()._retry(error):
            return False
        delay = max(0.0, self.due - clock().now())
        self.again = Again(error=error, delay=delay, attempts=self.attempts)
        return True
