"""The side of taskiq's workers: what is made of each delivery."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING, Any

from postlude._delivery import Delivery
from postlude._foreign import in_words, logger, read, refuse
from postlude._room import Room
from postlude._status import TaskStatus
from postlude._verdict import Verdict
from postlude.engines.taskiq._ground import LONGEST_ID, TASK
from postlude.engines.taskiq._record import Record
from postlude.errors import MessageRefused, RemoteError
from taskiq.exceptions import NoResultError
from taskiq.result_backends.dummy import DummyResultBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from postlude._message import Message
    from postlude.engines.taskiq._ground import Ground, Ticket
    from taskiq import AsyncBroker

    T = TypeVar("T")

# How long a worker that stops takes to give back what it has, in seconds; taskiq allows 5.
_LEAVING = 3.0
# Seconds between two tries to note what became of an attempt.
_PAUSE = 0.5


class Worker:
    """Runs the deliveries of one broker."""

    def __init__(self, ground: Ground, *, lost_after: float, max_crashes: int) -> None:
        """Hold the settings."""
        self._ground = ground
        self._lost_after = lost_after
        self._max_crashes = max_crashes
        self._room = Room()
        self._running: set[asyncio.Task[Any]] = set()

    def join(self, broker: AsyncBroker) -> None:
        """Add what runs all tasks; once a broker."""
        if TASK in broker.local_task_registry:
            return

        async def run(text: Any, mark: Any, task_id: Any) -> Any:
            result = await self._run(text, mark, task_id)
            if result is None and not isinstance(broker.result_backend, DummyResultBackend):
                raise NoResultError
            return json.loads(result or "null")

        leave = broker.shutdown

        async def shutdown() -> None:
            await self._leave()
            await leave()

        broker.register_task(run, task_name=TASK)
        logging.getLogger("taskiq.receiver.receiver").addFilter(_is_news)
        # The broker's own would neither renew what it has nor, on Redis, look for what others had
        # before something new comes.
        vars(broker).update(listen=self._ground.listen, shutdown=shutdown)

    async def _run(self, text: object, mark: str, task_id: str) -> str | None:
        ticket = self._ground.held.get(mark)
        if ticket is None:
            return None
        me = asyncio.current_task()
        assert me is not None
        self._running.add(me)
        try:
            return await self._attempt(text, ticket, task_id)
        finally:
            self._running.discard(me)
            # What was not settled is not renewed either, so that somebody else gets it.
            if self._ground.held.get(mark) is ticket:
                del self._ground.held[mark]

    async def _attempt(self, text: object, ticket: Ticket, task_id: str) -> str | None:
        try:
            message = read(text)
            if len(message.id) > LONGEST_ID:
                raise MessageRefused(f"a message with an id of {len(message.id)} characters")
        except MessageRefused as error:
            await self._refuse(task_id, ticket, error)
            raise
        found = await self._ground.read(message.id)
        async with self._room.place(alone=found is not None and found[0].is_suspect):
            return await self._make(message, ticket)

    async def _make(self, message: Message, ticket: Ticket) -> str | None:
        record = await self._begin(message, ticket)
        if record is None:
            return None
        try:
            delivery = Delivery(message, failures=record.failures)
        except MessageRefused as error:
            await self._refuse(message.id, ticket, error)
            raise
        try:
            outcome = await delivery.make()
        except asyncio.CancelledError:
            await self._release(message, ticket, record)
            raise
        verdict = Verdict.of(outcome, message)
        await self._settle(message, ticket, record, verdict)
        if verdict.delay is not None:
            return None
        if verdict.status is not TaskStatus.SUCCEEDED:
            raise RemoteError(f"{verdict.status}: {verdict.error}")
        return verdict.result

    async def _refuse(self, task_id: str, ticket: Ticket, error: MessageRefused) -> None:
        refuse(error, "taskiq", task_id)
        while len(task_id) <= LONGEST_ID:
            found = await self._ground.read(task_id)
            record, version = found or (Record(enqueued=ticket.sent), None)
            if record.is_over or record.holder not in {None, ticket.mark}:
                break
            refused = record.refused(in_words(error), time.time())
            if await self._ground.write(task_id, refused, version):
                break
        await self._ground.done(ticket)

    async def _begin(self, message: Message, ticket: Ticket) -> Record | None:
        """Note that an attempt is under way; `None` if there is to be none, or not yet."""
        while True:
            found = await self._ground.read(message.id)
            record, version = found or (Record(enqueued=ticket.sent), None)
            is_running = record.status is TaskStatus.RUNNING
            if record.is_over or (is_running and record.holder != ticket.mark):
                await self._ground.done(ticket)
                return None
            wait = self._due(record, message, ticket, is_known=found is not None) - time.time()
            if wait > 0 and not is_running:
                await self._ground.later(ticket, wait)
                return None
            crashes, now = record.crashes + is_running, time.time()
            if crashes >= self._max_crashes:
                begun = record.given_up(now, crashes=crashes)
            else:
                begun = record.begun(ticket.mark, now, crashes=crashes)
            if await self._ground.write(message.id, begun, version):
                break
        if crashes > record.crashes:
            _say_lost(message, begun)
        if not begun.is_over:
            return begun
        await self._ground.done(ticket)
        return None

    def _due(self, record: Record, message: Message, ticket: Ticket, *, is_known: bool) -> float:
        """When it may begin."""
        was_put_off = is_known and self._ground.puts_off
        if message.delay is not None and not record.attempts and not was_put_off:
            return ticket.sent + message.delay  # by the broker's clock
        return record.due or 0.0

    async def _settle(
        self, message: Message, ticket: Ticket, begun: Record, verdict: Verdict
    ) -> None:
        noted = begun.settled(verdict, time.time())
        if not await self._patiently(lambda: self._note(message, ticket, begun, noted)):
            logger.warning(
                "task %r (id %s) was given up for lost and is with another worker: this worker's "
                "event loop must have been blocked, or its broker gone, for too long",
                message.name,
                message.id,
            )
        elif verdict.delay is None:
            await self._patiently(lambda: self._ground.done(ticket))
        else:
            delay = verdict.delay
            await self._patiently(lambda: self._ground.later(ticket, delay))

    async def _patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Again if the broker is gone for a while, or what is done would be done once more."""
        deadline = time.monotonic() + self._lost_after
        while True:
            try:
                return await step()
            except self._ground.errors:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_PAUSE)

    async def _release(self, message: Message, ticket: Ticket, begun: Record) -> None:
        if await self._note(message, ticket, begun, begun.released()):
            await self._ground.later(ticket, 0.0)

    async def _note(self, message: Message, ticket: Ticket, begun: Record, noted: Record) -> bool:
        """Whether the attempt was still this worker's."""
        while True:
            found = await self._ground.read(message.id)
            if found is not None and found[0] == noted:
                return True  # of the last try, only the answer was lost
            if found is not None and not found[0].is_with(ticket.mark, begun.attempts):
                return False
            version = None if found is None else found[1]
            if await self._ground.write(message.id, noted, version):
                return True

    async def _leave(self) -> None:
        """Give back what is not done, when the worker stops."""
        running = set(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=_LEAVING)
        for ticket in list(self._ground.held.values()):
            try:
                await self._ground.later(ticket, 0.0)
            except self._ground.errors:
                break  # its lease ends
        await self._ground.close()


def _is_news(record: logging.LogRecord) -> bool:
    """Whether taskiq logs anything but the end of a task, which has been logged by then."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, RemoteError | MessageRefused)


def _say_lost(message: Message, begun: Record) -> None:
    level = logging.ERROR if begun.is_over else logging.WARNING
    text = "task %r (id %s) lost its worker (%s so far) and is %s now"
    logger.log(level, text, message.name, message.id, begun.crashes, begun.status.value)
