"""Redis streams: deliveries of a consumer group, which stay pending until they are done."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from postlude._foreign import logger
from postlude.engines.taskiq._ground import RETENTION, Ticket, unwrapped
from postlude.engines.taskiq._record import Record
from redis import exceptions
from redis.asyncio import Redis
from taskiq_redis import RedisStreamBroker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from taskiq import AckableMessage
    from taskiq.message import BrokerMessage

# Seconds between two looks for tasks that have become due.
_TICK = 0.2
# What is not due yet, of all streams: any worker of a Redis moves it to its stream.
_LATER = "postlude:later"

_SUBMIT = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX') then return 0 end
if ARGV[3] == '' then
    redis.call('XADD', KEYS[2], '*', 'data', ARGV[2])
else
    local now = redis.call('TIME')
    redis.call('ZADD', KEYS[3], now[1] + now[2] / 1e6 + ARGV[3], KEYS[2] .. '\\0' .. ARGV[2])
end
return 1
"""
_WRITE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
"""
# Only who still has a delivery may end it: another worker may have it by now.
_DONE = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XDEL', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then
    local now = redis.call('TIME')
    redis.call('ZADD', KEYS[2], now[1] + now[2] / 1e6 + ARGV[3], KEYS[1] .. '\\0' .. ARGV[4])
end
return 1
"""
_MOVE = """
local now = redis.call('TIME')
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now[1] + now[2] / 1e6, 'LIMIT', 0, 100)
for _, member in ipairs(due) do
    local cut = string.find(member, '\\0', 1, true)
    redis.call('XADD', string.sub(member, 1, cut - 1), '*', 'data', string.sub(member, cut + 1))
    redis.call('ZREM', KEYS[1], member)
end
return #due
"""


class RedisGround:
    """A `RedisStreamBroker`; its workers take up what lost ones had, and move what becomes due."""

    errors: tuple[type[Exception], ...] = (exceptions.RedisError, OSError)
    puts_off = True
    has_queues = True

    def __init__(self, broker: RedisStreamBroker, *, lost_after: float) -> None:
        """Hold the broker.

        Raises:
            TypeError: It forgets tasks.
        """
        if broker.maxlen is not None:
            raise TypeError(
                f"broker has maxlen={broker.maxlen}, by which Redis drops tasks that wait: "
                "leave it out; what is done is removed from the stream anyway"
            )
        # Or a new group would skip what waits already.
        broker.consumer_id = "0"
        self.broker = broker
        self.opening: asyncio.Task[None] | None = None
        self.held: dict[str, Ticket] = {}
        self._lost_after = lost_after
        self._redis: Any = Redis(connection_pool=broker.connection_pool)
        self._keeper: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._is_open = False

    @property
    def address(self) -> str:
        """Host, port and database."""
        parts: dict[str, Any] = self.broker.connection_pool.connection_kwargs
        if "path" in parts:
            return str(parts["path"])
        return f"{parts.get('host', 'localhost')}:{parts.get('port', 6379)}/{parts.get('db', 0)}"

    async def open(self) -> None:
        """Make the consumer groups, also those that a Redis which kept nothing has lost."""
        if self._is_open:
            return
        for stream in self._streams:
            with suppress(exceptions.ResponseError):  # it exists
                await self._redis.xgroup_create(stream, self._group, id="0", mkstream=True)
        self._is_open = True

    async def submit(
        self, task_id: str, record: Record, sent: BrokerMessage, *, delay: float | None
    ) -> None:
        """All of it at once, or nothing."""
        stream = sent.labels.get("queue_name") or self.broker.queue_name
        keys = (_key(task_id), stream, _LATER)
        values = (record.written(), sent.message, "" if delay is None else delay)
        await self._redis.eval(_SUBMIT, len(keys), *keys, *values)

    async def read(self, task_id: str) -> tuple[Record, Any] | None:
        """Its version is the text itself."""
        text = await self._redis.get(_key(task_id))
        return None if text is None else (Record.read(text), text)

    async def write(self, task_id: str, record: Record, version: Any) -> bool:
        """Compare and set; what has ended goes in a week."""
        stays = int(RETENTION * 1000) if record.is_over else ""
        values = (version or "", record.written(), stays)
        return bool(await self._redis.eval(_WRITE, 1, _key(task_id), *values))

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """First what nobody renews any more, then what is new."""
        self._keeper = asyncio.create_task(self._keep())
        while True:
            try:
                await self.open()
                taken = await self._reclaimed() or await self._fresh()
            except self.errors as error:
                logger.warning("taskiq's broker at %s is not there: %s", self.address, error)
                await asyncio.sleep(1)
                self._is_open = False  # it may be another Redis, or one that kept nothing
                continue
            for stream, entry, fields in taken:
                ticket = self._ticket(stream, entry, fields)
                if ticket is not None:
                    yield unwrapped(self.broker, ticket, partial(self.done, ticket))

    async def done(self, ticket: Ticket) -> None:
        """Acknowledge it, and remove it from the stream, which would grow for ever."""
        await self._end(ticket, "", "")

    async def later(self, ticket: Ticket, delay: float) -> None:
        """From the stream to the sorted set of what is not due, in one step."""
        await self._end(ticket, delay, ticket.data)

    async def close(self) -> None:
        """Renew no more."""
        for task in (self.opening, self._keeper):
            if task is not None:
                task.cancel()

    @property
    def _group(self) -> str:
        return self.broker.consumer_group_name

    @property
    def _streams(self) -> list[str]:
        return [self.broker.queue_name, *self.broker.additional_streams]

    async def _end(self, ticket: Ticket, *later: Any) -> None:
        self.held.pop(ticket.mark, None)
        stream, entry = ticket.origin
        keys = (stream, _LATER)
        await self._redis.eval(_DONE, len(keys), *keys, self._group, entry, *later)

    def _ticket(self, stream: str, entry: bytes, fields: dict[bytes, bytes]) -> Ticket | None:
        mark = f"{stream}:{entry.decode()}"
        if mark in self.held:  # our own renewal was late, and we have taken it from ourselves
            return None
        sent = int(entry.split(b"-")[0]) / 1000
        ticket = Ticket(mark, sent, fields.get(b"data", b""), (stream, entry))
        self.held[mark] = ticket
        return ticket

    async def _reclaimed(self) -> list[tuple[str, bytes, dict[bytes, bytes]]]:
        if time.monotonic() - self._looked < self._lost_after / 3:
            return []
        idle = int(self._lost_after * 1000)
        for stream in self._streams:
            reply = await self._redis.xautoclaim(
                stream, self._group, self.broker.consumer_name, idle, count=1
            )
            found = [(stream, entry, fields) for entry, fields in reply[1] if fields]
            if found:
                return found
        self._looked = time.monotonic()
        return []

    async def _fresh(self) -> list[tuple[str, bytes, dict[bytes, bytes]]]:
        # One at a time: what waits in this process, no other worker can begin.
        patience = int(min(self.broker.block, 1000 * self._lost_after / 3))
        reply = await self._redis.xreadgroup(
            self._group,
            self.broker.consumer_name,
            dict.fromkeys(self._streams, ">"),
            block=patience,
            count=1,
        )
        return [(name.decode(), *entry) for name, entries in reply or () for entry in entries]

    async def _keep(self) -> None:
        renewed = 0.0
        while True:
            try:
                await self._redis.eval(_MOVE, 1, _LATER)
                if time.monotonic() - renewed >= self._lost_after / 4:
                    await self._renew()
                    renewed = time.monotonic()
            except self.errors as error:
                logger.debug("taskiq's broker at %s is not there: %s", self.address, error)
            await asyncio.sleep(_TICK)

    async def _renew(self) -> None:
        held = {ticket.origin for ticket in self.held.values()}
        for stream in {stream for stream, _ in held}:
            pending = await self._redis.xpending_range(
                stream, self._group, "-", "+", 1000, consumername=self.broker.consumer_name
            )
            # Not what another worker has taken meanwhile.
            ours = [each["message_id"] for each in pending if (stream, each["message_id"]) in held]
            if ours:
                await self._redis.xclaim(
                    stream, self._group, self.broker.consumer_name, 0, ours, justid=True
                )


def _key(task_id: str) -> str:
    return f"postlude:task:{task_id}"
