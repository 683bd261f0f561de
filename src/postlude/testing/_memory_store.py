"""A store in memory, for tests of what uses one."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
from postlude._clock import clock
from postlude._foreign import checked_crashes
from postlude._message import Message
from postlude._options import checked_seconds
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._redelivery import Again
from postlude._status import TaskState, TaskStatus
from postlude.protocols import Claim

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import timedelta
    from types import TracebackType
    from typing import Self

    from postlude._outcome import Outcome

_POLL = 0.005  # seconds
_WAITS = (TaskStatus.PENDING, TaskStatus.RETRYING)


@dataclass
class _Entry:
    text: str
    message: Message
    state: TaskState
    due: float
    failures: int = 0
    crashes: int = 0
    claims: int = 0
    leased_until: float = 0.0
    has_begun: bool = True


class MemoryStore:
    """A store that forgets all with the process, for tests without a file.

    It goes by the clock in force, so that a `VirtualClock` moves its delays and leases. It is for
    one event loop.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, task
        from postlude.testing import MemoryStore


        @task(name="emails.welcome")
        def send_welcome(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            store = MemoryStore()
            await BackgroundTask(send_welcome, "ada").with_options(engine=store).submit()
            print(await store.count(queue="default"))


        asyncio.run(main())
        ```

        ```text title="Output"
        1
        ```

        It keeps what a store promises:

        ```python
        import asyncio

        from postlude.testing import MemoryStore, check_store

        store = MemoryStore(lease=0.5, max_crashes=2)
        report = asyncio.run(check_store(lambda: store))
        print(report.broken, report.without)
        ```

        ```text title="Output"
        {} ()
        ```
    """

    name = "memory"

    def __init__(self, *, lease: float | timedelta = 30.0, max_crashes: int = 3) -> None:
        """Begin empty.

        Args:
            lease: Seconds after which a claim that nobody renews is another worker's to take.
            max_crashes: After how many lost workers a task has failed.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: A number is out of range.
        """
        self.lease = checked_seconds("lease", lease, without="for 30 seconds")
        self._max_crashes = checked_crashes(max_crashes)
        self._entries: dict[str, _Entry] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    async def submit(self, message: Message) -> str:
        """Keep a task, unless its id is known."""
        text = message.encode()
        state = TaskState(
            task_id=message.id, status=TaskStatus.PENDING, enqueued_at=clock().utcnow()
        )
        due = clock().now() + (message.delay or 0.0)
        self._entries.setdefault(message.id, _Entry(text, message, state, due))
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands."""
        entry = self._entries.get(task_id)
        return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN) if not entry else entry.state

    async def cancel(self, task_id: str) -> bool:
        """End a task that waits."""
        entry = self._entries.get(task_id)
        if entry is None or entry.state.status not in _WAITS:
            return False
        self._end(entry, TaskStatus.CANCELLED, error="it was cancelled")
        return True

    async def claim(
        self, *, worker: str, queue: str, types: Collection[str] | None = None, limit: int = 1
    ) -> Sequence[Claim]:
        """Take up to `limit` tasks that are due."""
        self._lose()
        found = sorted(self._due(queue, types), key=lambda entry: -entry.message.priority)
        return [self._claim(entry) for entry in found[:limit]]

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Begin the lease of claims anew."""
        held = [(claim, self._held(claim)) for claim in claims]
        for _, entry in held:
            if entry is not None:
                entry.leased_until = clock().now() + self.lease
        return [claim for claim, entry in held if entry is None]

    async def begin(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Note that suspects run from now on, and begin their lease anew."""
        for claim in claims:
            entry = self._held(claim)
            if entry is not None:
                entry.has_begun = True
        return await self.renew(claims)

    async def settle(self, results: Sequence[tuple[Claim, Outcome | Again]]) -> Collection[Claim]:
        """Note what became of attempts."""
        lost: list[Claim] = []
        for claim, outcome in results:
            entry = self._held(claim)
            if entry is None:
                lost.append(claim)
            else:
                self._settle(entry, outcome)
        return lost

    async def release(self, claims: Collection[Claim]) -> None:
        """Give tasks back that were not done."""
        for claim in claims:
            entry = self._held(claim)
            if entry is not None:
                self._wait(entry)

    async def wait(
        self, *, queue: str, types: Collection[str] | None = None, patience: float
    ) -> None:
        """Return when there may be something to claim, or so many seconds have passed."""
        await anyio.lowlevel.checkpoint()
        end = clock().now() + patience
        while clock().now() < end:
            self._lose()
            if any(self._due(queue, types)):
                return
            await clock().sleep(_POLL)

    async def count(self, *, queue: str) -> int:
        """How many tasks wait in a queue."""
        self._lose()
        entries = self._entries.values()
        return sum(e.state.status in _WAITS and _queue(e.message) == queue for e in entries)

    def _due(self, queue: str, types: Collection[str] | None) -> Iterator[_Entry]:
        now = clock().now()
        for entry in self._entries.values():
            message = entry.message
            is_of_type = types is None or message.name in types
            is_due = entry.state.status in _WAITS and entry.due <= now
            if is_due and is_of_type and _queue(message) == queue:
                yield entry

    def _claim(self, entry: _Entry) -> Claim:
        entry.claims += 1
        entry.leased_until = clock().now() + self.lease
        entry.has_begun = not entry.crashes
        entry.state = replace(
            entry.state,
            status=TaskStatus.RUNNING,
            attempts=entry.failures + entry.crashes + 1,
            started_at=clock().utcnow(),
        )
        message = Message.decode(entry.text)
        token = f"{message.id} {entry.claims}"
        return Claim(message=message, failures=entry.failures, crashes=entry.crashes, token=token)

    def _settle(self, entry: _Entry, outcome: Outcome | Again) -> None:
        attempts = outcome.attempts + entry.crashes
        match outcome:
            case Succeeded(value=value):
                self._end(entry, TaskStatus.SUCCEEDED, result=_plain(value), attempts=attempts)
            case Failed(error=error):
                self._end(entry, TaskStatus.FAILED, error=_said(error), attempts=attempts)
            case TimedOut(timeout=limit):
                words = f"it was not done within {limit:g} s"
                self._end(entry, TaskStatus.TIMED_OUT, error=words, attempts=attempts)
            case Cancelled(reason=reason):
                self._end(entry, TaskStatus.CANCELLED, error=reason, attempts=attempts)
            case _:
                entry.failures += 1
                entry.due = clock().now() + outcome.delay
                self._wait(entry, error=_said(outcome.error))

    def _held(self, claim: Claim) -> _Entry | None:
        entry = self._entries.get(claim.message.id)
        if entry is None or entry.state.status is not TaskStatus.RUNNING:
            return None
        return entry if claim.token == f"{claim.message.id} {entry.claims}" else None

    def _lose(self) -> None:
        for entry in self._entries.values():
            lost = entry.leased_until <= clock().now()
            if entry.state.status is TaskStatus.RUNNING and lost:
                entry.crashes += entry.has_begun
                if entry.crashes < self._max_crashes:
                    self._wait(entry)
                else:
                    error = f"{entry.crashes} workers were lost with it"
                    self._end(entry, TaskStatus.FAILED, error=error)

    def _wait(self, entry: _Entry, **facts: Any) -> None:
        attempts = entry.failures + entry.crashes
        status = TaskStatus.RETRYING if attempts else TaskStatus.PENDING
        entry.state = replace(entry.state, status=status, attempts=attempts, **facts)

    def _end(self, entry: _Entry, status: TaskStatus, **facts: Any) -> None:
        facts.setdefault("attempts", entry.failures + entry.crashes)
        entry.state = replace(entry.state, status=status, ended_at=clock().utcnow(), **facts)


def _queue(message: Message) -> str:
    return message.queue or "default"


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _plain(value: object) -> object:
    """The value as it comes back from JSON; what cannot go there is not kept."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return None
