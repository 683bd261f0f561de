"""What is noted of a task beside its broker, which forgets: taskiq has no such place."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postlude._status import TaskState, TaskStatus

if TYPE_CHECKING:
    from postlude._verdict import Verdict

_OVER = {TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.TIMED_OUT, TaskStatus.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Where a task stands; times are seconds since the epoch.

    Attributes:
        status: Where it stands.
        enqueued: When it was handed over.
        due: Before when it is not to run.
        attempts: How often its function was called.
        failures: How many of these calls failed.
        crashes: How many workers were lost during one.
        holder: The broker's delivery that an attempt is under way for.
        result: What the function returned, as JSON.
        error: The last error.
        started: When the last attempt began.
        ended: When the task ended.
    """

    status: TaskStatus = TaskStatus.PENDING
    enqueued: float
    due: float | None = None
    attempts: int = 0
    failures: int = 0
    crashes: int = 0
    holder: str | None = None
    result: str | None = None
    error: str | None = None
    started: float | None = None
    ended: float | None = None

    @classmethod
    def read(cls, text: str | bytes) -> Record:
        """What `written` wrote."""
        content = json.loads(text)
        return cls(**content | {"status": TaskStatus(content["status"])})

    def written(self) -> str:
        """As JSON."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None})

    @property
    def is_over(self) -> bool:
        """Whether the task has ended."""
        return self.status in _OVER

    @property
    def is_suspect(self) -> bool:
        """Whether a worker was lost with it, as far as is known before its next attempt."""
        return not self.is_over and (self.crashes > 0 or self.status is TaskStatus.RUNNING)

    def is_with(self, holder: str, attempts: int) -> bool:
        """Whether this attempt is the one under way."""
        return (self.status, self.holder, self.attempts) == (TaskStatus.RUNNING, holder, attempts)

    def begun(self, holder: str, now: float, *, crashes: int) -> Record:
        """With an attempt under way."""
        return replace(
            self,
            status=TaskStatus.RUNNING,
            due=None,
            attempts=self.attempts + 1,
            crashes=crashes,
            holder=holder,
            started=now,
        )

    def settled(self, verdict: Verdict, now: float) -> Record:
        """After that attempt."""
        failed = verdict.status not in {TaskStatus.SUCCEEDED, TaskStatus.CANCELLED}
        return replace(
            self,
            status=verdict.status,
            due=None if verdict.delay is None else now + verdict.delay,
            failures=self.failures + failed,
            holder=None,
            result=verdict.result,
            error=verdict.error,
            ended=now if verdict.delay is None else None,
        )

    def released(self) -> Record:
        """As if the attempt under way had never been: its worker stops."""
        setbacks = self.failures + self.crashes
        return replace(
            self,
            status=TaskStatus.RETRYING if setbacks else TaskStatus.PENDING,
            attempts=self.attempts - 1,
            holder=None,
            started=None,
        )

    def given_up(self, now: float, *, crashes: int) -> Record:
        """At its end, since it has cost too many workers."""
        return replace(
            self,
            status=TaskStatus.FAILED,
            crashes=crashes,
            holder=None,
            error=f"it was lost {crashes} times with the worker that ran it",
            ended=now,
        )

    def refused(self, error: str, now: float) -> Record:
        """At its end, since no worker can make anything of it."""
        return replace(self, status=TaskStatus.FAILED, holder=None, error=error, ended=now)

    def cancelled(self, now: float) -> Record:
        """Before its next attempt."""
        return replace(self, status=TaskStatus.CANCELLED, error="it was cancelled", ended=now)

    def state(self, task_id: str) -> TaskState:
        """For those who ask."""
        return TaskState(
            task_id=task_id,
            status=self.status,
            result=None if self.result is None else json.loads(self.result),
            error=self.error,
            attempts=self.attempts,
            enqueued_at=_moment(self.enqueued),
            started_at=_moment(self.started),
            ended_at=_moment(self.ended),
        )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
