"""Stores that each break one promise, and that one only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from postlude import Again, Claim, Message, Outcome, Succeeded, TaskState, TaskStatus
from postlude.testing import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import TypeAlias

    Results: TypeAlias = Sequence[tuple[Claim, Outcome | Again]]


class OtherMessage(MemoryStore):
    async def submit(self, message: Message) -> str:
        return await super().submit(replace(message, retry=None))


class Twice(MemoryStore):
    """Keeps the id of what has ended, and takes it again all the same."""

    async def submit(self, message: Message) -> str:
        if (await self.status(message.id)).ended_at:
            del self._entries[message.id]
        return await super().submit(message)


class LastFirst(MemoryStore):
    """Of those with the highest priority, gives the newest."""

    async def claim(self, *, limit: int = 1, **facts: Any) -> Sequence[Claim]:
        claims = [*await super().claim(limit=100, **facts)]
        if any(claim.message.priority > 0 for claim in claims):
            claims.sort(key=lambda claim: (-claim.message.priority, -claim.message.args[0]))
        await self.release(claims[limit:])
        return claims[:limit]


class AnyType(MemoryStore):
    async def claim(
        self, *, worker: str, queue: str, types: Collection[str] | None = None, limit: int = 1
    ) -> Sequence[Claim]:
        return await super().claim(worker=worker, queue=queue, limit=limit)


class Early(MemoryStore):
    async def submit(self, message: Message) -> str:
        await super().submit(message)
        if message.delay and message.delay < 1000:
            self._entries[message.id].due -= 0.9 * message.delay
        return message.id


class TwoHands(MemoryStore):
    """Gives one of many tasks to a second worker as well."""

    given: Sequence[Claim] = ()

    async def claim(self, *, limit: int = 1, **facts: Any) -> Sequence[Claim]:
        claims = await super().claim(limit=limit, **facts)
        if limit != 3 or len(self.given) == 1:
            return claims
        before, self.given = self.given, claims[:1]
        if not before:
            self.given = [*claims, *claims][:2]
            return claims
        await self.release(claims[-1:])
        return [*claims[:-1], before[0]]


class Failing(MemoryStore):
    """Counts a lost worker as a failure."""

    async def claim(self, **facts: Any) -> Sequence[Claim]:
        claims = await super().claim(**facts)
        return [replace(c, failures=c.failures + c.crashes, crashes=0) for c in claims]


class NotRenewed(MemoryStore):
    """Says that it has renewed."""

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        kept = {entry.message.id: entry.leased_until for entry in self._entries.values()}
        lost = await super().renew(claims)
        for claim in claims:
            self._entries[claim.message.id].leased_until = kept[claim.message.id]
        return lost


class Patient(MemoryStore):
    """Never gives a task up."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, max_crashes=1000)


class Unjust(MemoryStore):
    """Counts a suspect that has not begun."""

    async def claim(self, **facts: Any) -> Sequence[Claim]:
        claims = await super().claim(**facts)
        await self.begin(claims)
        return claims


class Heedless(MemoryStore):
    """Lets a suspect begin that another worker has."""

    async def begin(self, claims: Collection[Claim]) -> Collection[Claim]:
        await super().begin(claims)
        return []


class Hindering(MemoryStore):
    async def begin(self, claims: Collection[Claim]) -> Collection[Claim]:
        return claims


class AtOnce(MemoryStore):
    async def settle(self, results: Results) -> Collection[Claim]:
        at_once = [
            (claim, replace(outcome, delay=0.0) if isinstance(outcome, Again) else outcome)
            for claim, outcome in results
        ]
        return await super().settle(at_once)


class Forgetful(MemoryStore):
    """Keeps no result."""

    async def settle(self, results: Results) -> Collection[Claim]:
        without = [
            (claim, replace(outcome, value=None) if isinstance(outcome, Succeeded) else outcome)
            for claim, outcome in results
        ]
        return await super().settle(without)


class Silent(MemoryStore):
    """Does not say why a task has failed."""

    async def status(self, task_id: str) -> TaskState:
        state = await super().status(task_id)
        was_called = state.status == TaskStatus.FAILED and not (state.error or "")[0].isdigit()
        return replace(state, error=None) if was_called else state


class Counting(MemoryStore):
    """Counts what was given back as a failure."""

    async def release(self, claims: Collection[Claim]) -> None:
        await super().release(claims)
        for claim in claims:
            entry = self._entries[claim.message.id]
            if entry.state.status == TaskStatus.PENDING:
                entry.failures += 1


class Uncancelled(MemoryStore):
    """Says of a task that runs that it will not."""

    async def cancel(self, task_id: str) -> bool:
        return await super().cancel(task_id) or task_id in self._entries


class Waiting(MemoryStore):
    """Counts what runs among what waits."""

    async def count(self, *, queue: str) -> int:
        entries = [e for e in self._entries.values() if e.message.queue == queue]
        running = sum(entry.state.status == TaskStatus.RUNNING for entry in entries)
        return await super().count(queue=queue) + running


class Restless(MemoryStore):
    """Does not wait."""

    async def wait(self, *, patience: float, **facts: Any) -> None:
        await super().wait(patience=0 * patience, **facts)


class Closing(MemoryStore):
    """Forgets all when the last one closes it."""

    users = 0

    async def __aenter__(self) -> Closing:
        self.users += 1
        return self

    async def __aexit__(self, *what: object) -> None:
        self.users -= 1
        if not self.users:
            self._entries.clear()


class Raising(MemoryStore):
    """Breaks in a way of its own."""

    async def cancel(self, task_id: str) -> bool:
        raise OSError("the cable was cut")


BROKEN: dict[str, tuple[type[MemoryStore], str]] = {
    "message": (OtherMessage, "what was put as Message("),
    "once": (Twice, "a task that had succeeded was put again with its id"),
    "order": (LastFirst, "tasks of priorities 0, 5, -5, 0, 5 came as numbers [4, 1, 0, 3, 2]"),
    "types": (AnyType, "a claim for the type 'email' gave the tasks [0, 1, 2] instead of [1]"),
    "delay": (Early, "a task was given to a worker before it was due"),
    "one-worker": (TwoHands, "1 of 40 tasks were given to two workers"),
    "lease": (Failing, "a lost worker was counted as 1 failures and 0 crashes"),
    "renewal": (NotRenewed, "a task was given to another worker although its lease was renewed"),
    "crashes": (Patient, "a task was given to another worker after 20 had been lost with it"),
    "begin": (Unjust, "a suspect that was lost before it began was counted as one more crash"),
    "again": (AtOnce, "the next attempt of a task came before it was due"),
    "success": (Forgetful, "a task's state has {'status': <TaskStatus.SUCCEEDED"),
    "failure": (Silent, "a task's state has {'status': <TaskStatus.FAILED"),
    "release": (Counting, "a task that was given back was counted as failed or crashed"),
    "cancel": (Uncancelled, "a task that runs could be cancelled"),
    "status": (Waiting, "a task that runs is counted among those that wait: 1"),
    "wait": (Restless, "who waited for a task was told of one, and none was put"),
    "reopen": (Closing, "a task's state has {'status': <TaskStatus.UNKNOWN"),
}


class Renaming(MemoryStore):
    async def submit(self, message: Message) -> str:
        await super().submit(message)
        return "another"


class Generous(MemoryStore):
    async def claim(self, *, limit: int = 1, **facts: Any) -> Sequence[Claim]:
        return await super().claim(limit=limit + 1, **facts)


class Suspicious(MemoryStore):
    """Counts something against a task that is new."""

    async def claim(self, **facts: Any) -> Sequence[Claim]:
        return [replace(claim, crashes=claim.crashes + 1) for claim in await super().claim(**facts)]


class Doubling(MemoryStore):
    async def count(self, *, queue: str) -> int:
        return 2 * await super().count(queue=queue)


class Replacing(MemoryStore):
    async def submit(self, message: Message) -> str:
        if message.id in self._entries and (await self.status(message.id)).ended_at is None:
            del self._entries[message.id]
        return await super().submit(message)


class Hiding(MemoryStore):
    """Has seen the types of one claim, and gives nothing any more."""

    hides = False

    async def claim(self, *, types: Any = None, **facts: Any) -> Sequence[Claim]:
        self.hides = self.hides or types is not None
        return [] if self.hides and types is None else await super().claim(types=types, **facts)


class Losing(MemoryStore):
    """Gives many claims, and loses one."""

    async def claim(self, *, limit: int = 1, **facts: Any) -> Sequence[Claim]:
        claims = await super().claim(limit=limit, **facts)
        return claims[:2] if limit == 3 else claims


class Lenient(MemoryStore):
    """Renews what is lost."""

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        await super().renew(claims)
        return []


class Trusting(MemoryStore):
    """Believes whoever once had the task."""

    async def settle(self, results: Results) -> Collection[Claim]:
        await super().settle(results)
        return []


class Confused(MemoryStore):
    """Takes what an earlier claim gives back from the one that has it."""

    async def release(self, claims: Collection[Claim]) -> None:
        for claim in claims:
            self._wait(self._entries[claim.message.id])


class Strict(MemoryStore):
    """Keeps no claim that was renewed."""

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        await super().renew(claims)
        return claims


class Deaf(MemoryStore):
    """Renews, and hears nothing of the outcome."""

    renewed = False

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        self.renewed = True
        return await super().renew(claims)

    async def settle(self, results: Results) -> Collection[Claim]:
        return [claim for claim, _ in results] if self.renewed else await super().settle(results)


class Vague(MemoryStore):
    async def status(self, task_id: str) -> TaskState:
        state = await super().status(task_id)
        is_lost = state.status == TaskStatus.FAILED and (state.error or "")[:1].isdigit()
        return replace(state, error="it was lost") if is_lost else state


class Crashing(MemoryStore):
    """Counts a failure as a lost worker."""

    async def claim(self, **facts: Any) -> Sequence[Claim]:
        claims = await super().claim(**facts)
        return [replace(c, failures=0, crashes=c.failures) if c.failures else c for c in claims]


class Deafer(MemoryStore):
    async def settle(self, results: Results) -> Collection[Claim]:
        succeeded = [claim for claim, outcome in results if isinstance(outcome, Succeeded)]
        return succeeded or await super().settle(results)


class Timeless(MemoryStore):
    async def status(self, task_id: str) -> TaskState:
        return replace(await super().status(task_id), started_at=None)


class Naive(MemoryStore):
    async def status(self, task_id: str) -> TaskState:
        state = await super().status(task_id)
        return replace(state, ended_at=state.ended_at and state.ended_at.replace(tzinfo=None))


class Repeating(MemoryStore):
    """Gives away once more what has ended as it should not."""

    def __init__(self, *ends: TaskStatus, **options: Any) -> None:
        super().__init__(**options)
        self._ends = ends

    async def claim(self, *, queue: str, **facts: Any) -> Sequence[Claim]:
        claims = await super().claim(queue=queue, **facts)
        if claims:
            return claims
        ended = [
            entry
            for entry in self._entries.values()
            if entry.state.status in self._ends and entry.message.queue == queue
        ]
        return [self._claim(entry) for entry in ended[:1]]


class Stubborn(MemoryStore):
    async def cancel(self, task_id: str) -> bool:
        return False


MORE: list[tuple[str, type[MemoryStore], tuple[TaskStatus, ...], str]] = [
    ("message", Renaming, (), "submit of a task with the id "),
    ("order", Generous, (), "a claim of 2 gave 3"),
    ("message", Suspicious, (), "a new task came with 0 failures, 1 crashes"),
    ("once", Doubling, (), "two tasks with the same id were counted as 2"),
    ("once", Replacing, (), "a task was replaced by another one with its id"),
    ("types", Hiding, (), "a claim for all types gave the tasks [] instead of [0, 2]"),
    ("delay", Doubling, (), "two tasks that are not due yet were counted as 4"),
    ("one-worker", Losing, (), "13 of 40 tasks were given to nobody"),
    ("lease", Lenient, (), "a lost claim was renewed"),
    ("lease", Trusting, (), "a lost claim was settled"),
    ("lease", Confused, (), "a claim could not be settled after an earlier one of the task"),
    ("renewal", Strict, (), "a claim that was renewed in time was lost"),
    ("renewal", Deaf, (), "a claim that was renewed in time could not be settled"),
    ("crashes", Vague, (), "it is not said how many workers were lost: 'it was lost'"),
    ("begin", Heedless, (), "a suspect that was lost could begin"),
    ("begin", Hindering, (), "a suspect that was held could not begin"),
    ("again", Crashing, (), "one failure was counted as 0, 1 crashes"),
    ("success", Deafer, (), "a claim could not be settled"),
    ("success", Trusting, (), "a claim could be settled twice"),
    ("success", Timeless, (), "the state of a task that has ended lacks a time"),
    ("success", Naive, (), "the times of a task's state have no time zone"),
    ("success", Repeating, (TaskStatus.SUCCEEDED,), "a task that had succeeded was given to"),
    ("failure", Repeating, (TaskStatus.FAILED,), "a task that had failed for good was given to"),
    ("cancel", Stubborn, (), "a task that waits could not be cancelled"),
    ("cancel", Repeating, (TaskStatus.CANCELLED,), "a task that was cancelled was given to a"),
]
