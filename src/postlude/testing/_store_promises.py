"""What a store promises to workers and callers, each as a conversation with it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import anyio
from postlude import _ids
from postlude._message import Message
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._redelivery import Again
from postlude.testing._talk import Broken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from postlude._outcome import Outcome
    from postlude._status import TaskState
    from postlude.protocols import Claim, Store

    Promise: TypeAlias = Callable[["Counter"], Awaitable[None]]

# Seconds by which clocks may differ.
_SLACK = 0.02
_MOST_CRASHES = 20
_MOST_TRIES = 10


class Counter:
    """Where promises are asked about: a queue of its own in two stores on the same tasks."""

    def __init__(
        self, make_store: Callable[[], Store], stack: AsyncExitStack, *, patience: float
    ) -> None:
        """Hold what the promises are asked of."""
        self.make_store = make_store
        self._stack = stack
        self.patience = patience
        self.begin_anew()

    def begin_anew(self) -> None:
        """Have a queue that nobody has used."""
        self.queue = f"check-{_ids.new_id()}"

    async def open(self) -> Store:
        """One more store on the same tasks."""
        store = self.make_store()
        if isinstance(store, AbstractAsyncContextManager):
            await self._stack.enter_async_context(cast("AbstractAsyncContextManager[Any]", store))
        return store

    def message(self, *args: Any, **facts: Any) -> Message:
        """A task for the queue."""
        given: dict[str, Any] = {"id": _ids.new_id(), "name": "check", "queue": self.queue} | facts
        return Message("postlude.check", args, **given)

    async def put(self, store: Store, *args: Any, **facts: Any) -> Message:
        """Store a task."""
        message = self.message(*args, **facts)
        answer = await store.submit(message)
        if answer != message.id:
            raise Broken(f"submit of a task with the id {message.id!r} returned {answer!r}")
        return message

    async def take(
        self, store: Store, limit: int = 1, types: Collection[str] | None = None
    ) -> Sequence[Claim]:
        """Claim what is there."""
        claims = await store.claim(worker="check", queue=self.queue, types=types, limit=limit)
        if len(claims) > limit:
            raise Broken(f"a claim of {limit} gave {len(claims)}")
        return claims

    async def get(self, store: Store, what: str) -> Claim:
        """Claim one, as soon as it is there."""
        end = anyio.current_time() + self.patience
        while not (claims := await self.take(store)):
            left = end - anyio.current_time()
            if left <= 0:
                raise Broken(f"{what} was not given to a worker within {self.patience:g} s")
            await store.wait(queue=self.queue, patience=min(left, 0.1))
        return claims[0]


async def message(counter: Counter) -> None:
    """A worker gets the very message that was put."""
    store = await counter.open()
    facts: dict[str, Any] = {"retry": {"max_retries": 7}, "timeout": 2.5, "request_id": "r-1"}
    put = await counter.put(
        store, "ä\n", [1, 2.5, None], {"a": [True]}, kwargs={"to": "ada"}, priority=-3, **facts
    )
    claim = await counter.get(store, "a task")
    if claim.message != put:
        raise Broken(f"what was put as {put} came as {claim.message}")
    if (claim.failures, claim.crashes) != (0, 0):
        raise Broken(f"a new task came with {claim.failures} failures, {claim.crashes} crashes")


async def once(counter: Counter) -> None:
    """A task that is put again while its id is known is there once."""
    store, other = await counter.open(), await counter.open()
    first = await counter.put(store, 1)
    await counter.put(other, 2, id=first.id)
    if (count := await store.count(queue=counter.queue)) != 1:
        raise Broken(f"two tasks with the same id were counted as {count}")
    claim = await counter.get(store, "a task")
    if claim.message.args != (1,):
        raise Broken("a task was replaced by another one with its id")
    await _settle(store, claim, _succeeded(claim))
    await counter.put(store, 3, id=first.id)
    if await counter.take(store):
        raise Broken("a task that had succeeded was put again with its id, and given to a worker")


async def order(counter: Counter) -> None:
    """The highest priority comes first, then the oldest."""
    store = await counter.open()
    for number, priority in enumerate((0, 5, -5, 0, 5)):
        await counter.put(store, number, priority=priority)
    claims = [*await counter.take(store, 2), *await counter.take(store, 10)]
    seen = [claim.message.args[0] for claim in claims]
    if seen != [1, 4, 0, 3, 2]:
        raise Broken(f"tasks of priorities 0, 5, -5, 0, 5 came as numbers {seen}")


async def types(counter: Counter) -> None:
    """A worker gets tasks of its queue and its types only."""
    store = await counter.open()
    for number, name in enumerate(("image", "email", "report")):
        await counter.put(store, number, name=name)
    await counter.put(store, 9, name="email", queue=f"{counter.queue}-other")
    claims = await counter.take(store, 10, {"email", "none"})
    seen = [claim.message.args[0] for claim in claims]
    if seen != [1]:
        raise Broken(f"a claim for the type 'email' gave the tasks {seen} instead of [1]")
    rest = [claim.message.args[0] for claim in await counter.take(store, 10)]
    if rest != [0, 2]:
        raise Broken(f"a claim for all types gave the tasks {rest} instead of [0, 2]")


async def delay(counter: Counter) -> None:
    """A task is not given before it is due, and then it is."""
    store = await counter.open()
    late = min(counter.patience / 4, 0.3)
    begun = anyio.current_time()
    await counter.put(store, delay=late)
    await counter.put(store, delay=1e6)
    if (count := await store.count(queue=counter.queue)) != 2:
        raise Broken(f"two tasks that are not due yet were counted as {count}")
    await counter.get(store, f"a task that is due in {late:g} s")
    _check_not_before(begun + late, "a task was given to a worker before it was due")


async def one_worker(counter: Counter) -> None:
    """No task is in two hands at one time."""
    stores = [await counter.open() for _ in range(3)]
    ids = {(await counter.put(stores[0], number)).id for number in range(40)}
    held_until: dict[str, float] = {}
    twice: set[str] = set()

    async def work(store: Store) -> None:
        asked = anyio.current_time()
        while claims := await counter.take(store, 3):
            got = anyio.current_time()
            for task_id in (claim.message.id for claim in claims):
                # On a slow disk a lease may have ended meanwhile.
                if got < held_until.get(task_id, got):
                    twice.add(task_id)
                held_until[task_id] = asked + store.lease - _SLACK
            asked = anyio.current_time()

    async with anyio.create_task_group() as group:
        for store in stores * 2:
            group.start_soon(work, store)
    if twice:
        raise Broken(f"{len(twice)} of 40 tasks were given to two workers")
    if missing := len(ids - {*held_until}):
        raise Broken(f"{missing} of 40 tasks were given to nobody")


async def lease(counter: Counter) -> None:
    """A claim that nobody renews is another's to take, and counts as a crash."""
    store, other = await counter.open(), await counter.open()
    await counter.put(store)
    begun = anyio.current_time()
    old = await counter.get(store, "a task")
    new = await counter.get(other, "a task whose worker was lost")
    _check_not_before(begun + store.lease, "a task was given away before its lease had ended")
    if (new.failures, new.crashes) != (0, 1):
        raise Broken(
            f"a lost worker was counted as {new.failures} failures and {new.crashes} crashes"
        )
    if old not in [*await store.renew([old])]:
        raise Broken("a lost claim was renewed")
    if await _settle(store, old, _succeeded(old)):
        raise Broken("a lost claim was settled")
    await store.release([old])
    if not await _settle(other, new, _succeeded(new)):
        raise Broken("a claim could not be settled after an earlier one of the task was released")


async def renewal(counter: Counter) -> None:
    """A claim that is renewed is kept."""
    store, other = await counter.open(), await counter.open()
    for _ in range(_MOST_TRIES):
        if await _is_renewed_in_time(counter, store, other):
            return
        counter.begin_anew()
    raise Broken(f"this machine is too slow for a lease of {store.lease:g} s: make it longer")


async def _is_renewed_in_time(counter: Counter, store: Store, other: Store) -> bool:
    """Renew a claim for two leases; says whether this machine was fast enough for that."""
    await counter.put(store)
    renewed = anyio.current_time()
    end = renewed + 2 * store.lease
    claim = await counter.get(store, "a task")

    def is_late() -> bool:
        return anyio.current_time() > renewed + store.lease - _SLACK

    while renewed < end:
        asked = anyio.current_time()
        lost = [*await store.renew([claim])]
        if is_late():
            return False
        if lost:
            raise Broken("a claim that was renewed in time was lost")
        renewed = asked
        await other.wait(queue=counter.queue, patience=store.lease / 5)
        taken = await counter.take(other)
        if is_late():
            return False
        if taken:
            raise Broken("a task was given to another worker although its lease was renewed")
    is_settled = await _settle(store, claim, _succeeded(claim))
    if not is_settled and not is_late():
        raise Broken("a claim that was renewed in time could not be settled")
    return is_settled


async def crashes(counter: Counter) -> None:
    """A task that takes its workers with it is given up."""
    store = await counter.open()
    put = await counter.put(store)
    lost = 0
    while lost <= _MOST_CRASHES:
        if claims := await counter.take(store):
            lost += 1
            await store.begin([claim for claim in claims if claim.crashes])
        state = await store.status(put.id)
        if state.status == "failed":
            if not state.error or not any(sign.isdigit() for sign in state.error):
                raise Broken(f"it is not said how many workers were lost: {state.error!r}")
            return
        await store.wait(queue=counter.queue, patience=store.lease)
    raise Broken(f"a task was given to another worker after {lost - 1} had been lost with it")


async def begin(counter: Counter) -> None:
    """A suspect that was lost before it began counts for no further crash."""
    store = await counter.open()
    put = await counter.put(store)
    await counter.get(store, "a task")
    old = await _after_loss(counter, store, put)
    if old is None:
        return  # one lost worker is enough for this store: it has no suspects
    new = await _after_loss(counter, store, put)
    if new is None or new.crashes != old.crashes:
        raise Broken("a suspect that was lost before it began was counted as one more crash")
    if old not in [*await store.begin([old])]:
        raise Broken("a suspect that was lost could begin")
    if [*await store.begin([new])]:
        raise Broken("a suspect that was held could not begin")


async def _after_loss(counter: Counter, store: Store, put: Message) -> Claim | None:
    """Claim a task when its lease has ended; `None` if it has failed by then."""
    while not (claims := await counter.take(store)):
        if (await store.status(put.id)).status == "failed":
            return None
        await store.wait(queue=counter.queue, patience=store.lease)
    return claims[0]


async def again(counter: Counter) -> None:
    """An attempt that failed is followed by another one, when that is due."""
    store = await counter.open()
    put = await counter.put(store)
    claim = await counter.get(store, "a task")
    late = min(counter.patience / 4, 0.3)
    begun = anyio.current_time()
    await _settle(store, claim, Again(error=ValueError("too early"), delay=late, attempts=1))
    state = await store.status(put.id)
    _check(state, status="retrying", error="ValueError: too early", attempts=1)
    claim = await counter.get(store, f"a task whose next attempt is due in {late:g} s")
    _check_not_before(begun + late, "the next attempt of a task came before it was due")
    if (claim.failures, claim.crashes) != (1, 0):
        raise Broken(f"one failure was counted as {claim.failures}, {claim.crashes} crashes")
    await _settle(store, claim, Again(error=ValueError(), delay=0.0, attempts=2))
    await counter.get(store, "a task whose next attempt is due at once")


async def success(counter: Counter) -> None:
    """A task that succeeded is over, and its result is kept if it is JSON."""
    store = await counter.open()
    for value, result in (({"a": [1, "ä"]}, {"a": [1, "ä"]}), (None, None), (object(), None)):
        put = await counter.put(store)
        claim = await counter.get(store, "a task")
        outcome = Succeeded(value=value, task_id=put.id, name="check", attempts=1, duration=0.0)
        if not await _settle(store, claim, outcome):
            raise Broken("a claim could not be settled")
        if await _settle(store, claim, outcome):
            raise Broken("a claim could be settled twice")
        state = await store.status(put.id)
        _check(state, status="succeeded", result=result, error=None, attempts=1)
        if not (state.enqueued_at and state.started_at and state.ended_at):
            raise Broken(f"the state of a task that has ended lacks a time: {state}")
        if state.ended_at.tzinfo is None:
            raise Broken("the times of a task's state have no time zone")
    if await counter.take(store):
        raise Broken("a task that had succeeded was given to a worker")


async def failure(counter: Counter) -> None:
    """A task that failed for good says why, and is not given to a worker again."""
    store = await counter.open()
    facts: dict[str, Any] = {"task_id": "", "name": "check", "attempts": 1, "duration": 0.0}
    for outcome, status, error in (
        (Failed(error=KeyError("a"), **facts), "failed", "KeyError: 'a'"),
        (TimedOut(timeout=0.5, **facts), "timed_out", None),
        (Cancelled(reason="the shop is closed", **facts), "cancelled", "the shop is closed"),
    ):
        put = await counter.put(store)
        claim = await counter.get(store, "a task")
        await _settle(store, claim, outcome)
        state = await store.status(put.id)
        _check(state, status=status, attempts=1, **({"error": error} if error else {}))
    if await counter.take(store):
        raise Broken("a task that had failed for good was given to a worker")


async def release(counter: Counter) -> None:
    """A task that was given back waits again, and nothing is counted."""
    store = await counter.open()
    put = await counter.put(store)
    await store.release([await counter.get(store, "a task")])
    _check(await store.status(put.id), status="pending", attempts=0)
    claim = await counter.get(store, "a task that was given back")
    if (claim.failures, claim.crashes) != (0, 0):
        raise Broken("a task that was given back was counted as failed or crashed")


async def cancel(counter: Counter) -> None:
    """A task that waits can be cancelled, and one that runs cannot."""
    store, other = await counter.open(), await counter.open()
    put = await counter.put(store)
    if not await other.cancel(put.id):
        raise Broken("a task that waits could not be cancelled")
    _check(await store.status(put.id), status="cancelled", attempts=0)
    if await counter.take(store):
        raise Broken("a task that was cancelled was given to a worker")
    running = await counter.put(store)
    await counter.get(store, "a task")
    for task_id, what in ((running.id, "runs"), (put.id, "was cancelled"), ("?", "is not known")):
        if await store.cancel(task_id):
            raise Broken(f"a task that {what} could be cancelled")


async def status(counter: Counter) -> None:
    """A task's state follows it, in every store on the tasks."""
    store, other = await counter.open(), await counter.open()
    _check(await store.status(_ids.new_id()), status="unknown")
    put = await counter.put(store)
    _check(await other.status(put.id), status="pending", attempts=0)
    claim = await counter.get(store, "a task")
    _check(await other.status(put.id), status="running", attempts=1)
    if (count := await other.count(queue=counter.queue)) != 0:
        raise Broken(f"a task that runs is counted among those that wait: {count}")
    await _settle(store, claim, _succeeded(claim))
    _check(await other.status(put.id), status="succeeded")


async def wait(counter: Counter) -> None:
    """Who waits hears of a task at once, and otherwise when patience ends."""
    store, other = await counter.open(), await counter.open()
    begun = anyio.current_time()
    await store.wait(queue=counter.queue, patience=0.1)
    _check_not_before(begun + 0.1, "who waited for a task was told of one, and none was put")
    await counter.put(store, delay=0.1)
    for what in ("a task that becomes due", "a task that another store puts"):
        with anyio.move_on_after(counter.patience) as scope:
            while not await counter.take(store):
                async with anyio.create_task_group() as group:
                    group.start_soon(_wait, store, counter)
                    if "puts" in what:
                        await counter.put(other)
        if scope.cancelled_caught:
            raise Broken(f"who waited did not hear of {what} within {counter.patience:g} s")


async def reopen(counter: Counter) -> None:
    """What was stored is there when all stores were closed and one is opened again."""
    async with AsyncExitStack() as stack:
        inner = Counter(counter.make_store, stack, patience=counter.patience)
        put = await inner.put(await inner.open())
        counter.queue = inner.queue
    store = await counter.open()
    _check(await store.status(put.id), status="pending")
    await counter.get(store, "a task that was put before the store was closed")


async def _settle(store: Store, claim: Claim, outcome: Outcome | Again) -> bool:
    """Note an outcome; says whether it was noted."""
    return claim not in [*await store.settle([(claim, outcome)])]


def _succeeded(claim: Claim) -> Outcome:
    name, task_id = claim.message.name, claim.message.id
    return Succeeded(value=None, task_id=task_id, name=name, attempts=1, duration=0.0)


async def _wait(store: Store, counter: Counter) -> None:
    await store.wait(queue=counter.queue, patience=10 * counter.patience)


def _check(state: TaskState, **due: object) -> None:
    seen = {name: getattr(state, name) for name in due}
    if seen != due:
        raise Broken(f"a task's state has {seen} instead of {due}")


def _check_not_before(time: float, what: str) -> None:
    if anyio.current_time() < time - _SLACK:
        raise Broken(what)


STORE_PROMISES: dict[str, Promise] = {
    "message": message,
    "once": once,
    "order": order,
    "types": types,
    "delay": delay,
    "one-worker": one_worker,
    "lease": lease,
    "renewal": renewal,
    "crashes": crashes,
    "begin": begin,
    "again": again,
    "success": success,
    "failure": failure,
    "release": release,
    "cancel": cancel,
    "status": status,
    "wait": wait,
    "reopen": reopen,
}
