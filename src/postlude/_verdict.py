"""What became of an attempt, as plain data: for the records that engines keep."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlude._foreign import in_words, plain
from postlude._outcome import Cancelled, Failed, Succeeded
from postlude._redelivery import Again
from postlude._status import TaskStatus

if TYPE_CHECKING:
    from postlude._message import Message
    from postlude._outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An outcome, or that another attempt is to follow.

    Attributes:
        status: Where the task stands now.
        result: What the function returned, as JSON.
        error: The error as text.
        delay: Seconds before the next attempt, if one is to follow.
    """

    status: TaskStatus
    result: str | None = None
    error: str | None = None
    delay: float | None = None

    @classmethod
    def of(cls, outcome: Outcome | Again, message: Message) -> Verdict:
        """Write it down."""
        match outcome:
            case Again(error=error, delay=delay):
                return cls(status=TaskStatus.RETRYING, error=in_words(error), delay=delay)
            case Succeeded(value=value):
                text = json.dumps(plain(value, message), separators=(",", ":"))
                return cls(status=TaskStatus.SUCCEEDED, result=text)
            case Failed(error=error):
                return cls(status=TaskStatus.FAILED, error=in_words(error))
            case Cancelled(reason=reason):
                return cls(status=TaskStatus.CANCELLED, error=reason)
            case _:
                said = f"its limit is {outcome.timeout:g} s per attempt"
                return cls(status=TaskStatus.TIMED_OUT, error=said)
