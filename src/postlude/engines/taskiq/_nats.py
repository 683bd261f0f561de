"""NATS JetStream: deliveries of a durable consumer, which come again until they are done."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nats.errors import Error, MaxPayloadError, MsgAlreadyAckdError
from nats.errors import TimeoutError as NoAnswer
from nats.js.api import ConsumerConfig, RetentionPolicy
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, KeyWrongLastSequenceError
from postlude._foreign import logger
from postlude.engines.taskiq._ground import RETENTION, Ticket, unwrapped
from postlude.engines.taskiq._record import Record
from postlude.errors import NotDispatchable
from taskiq_nats import PullBasedJetStreamBroker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from taskiq import AckableMessage
    from taskiq.message import BrokerMessage


class NatsGround:
    """A `PullBasedJetStreamBroker`; the server itself delivers again, and later."""

    errors: tuple[type[Exception], ...] = (Error, OSError)
    puts_off = False
    has_queues = False

    def __init__(self, broker: PullBasedJetStreamBroker, *, lost_after: float) -> None:
        """Hold the broker, and give it the settings that it leaves open."""
        self.broker = broker
        self.opening: asyncio.Task[None] | None = None
        self.held: dict[str, Ticket] = {}
        self._kv: Any = None
        self._keeper: asyncio.Task[None] | None = None
        # Unlimited, since what is not due yet counts as well.
        settings = broker.consumer_config = broker.consumer_config or ConsumerConfig(
            durable_name=broker.durable, ack_wait=lost_after, max_ack_pending=-1
        )
        if broker.stream_config.retention is None:
            broker.stream_config.retention = RetentionPolicy.WORK_QUEUE
        self._lost_after = settings.ack_wait or 30.0

    @property
    def address(self) -> str:
        """Hosts and ports."""
        servers = self.broker.servers
        parts = [urlsplit(each) for each in ([servers] if isinstance(servers, str) else servers)]
        return ", ".join(f"{each.hostname}:{each.port or 4222}" for each in parts)

    async def open(self) -> None:
        """Connect, unless the application has or the client is about to."""
        client = self.broker.client
        if not (client.is_connected or client.is_reconnecting):
            self._kv = None
            await self.broker.startup()
        elif not hasattr(self.broker, "consumer"):  # the last start has not come to its end
            await client.close()
            await self.broker.startup()
        if self._kv is None:
            bucket = f"postlude_{self.broker.stream_name}"
            js: Any = self.broker.js
            try:
                self._kv = await js.key_value(bucket)
            except BucketNotFoundError:
                self._kv = await js.create_key_value(bucket=bucket, ttl=RETENTION)

    async def submit(
        self, task_id: str, record: Record, sent: BrokerMessage, *, delay: float | None
    ) -> None:
        """First the task, then its record, without which it runs as well."""
        if await self.read(task_id) is not None:
            return
        js: Any = self.broker.js
        # The server itself drops what it has seen in the last two minutes.
        try:
            await js.publish(self.broker.subject, sent.message, headers={"Nats-Msg-Id": task_id})
        except MaxPayloadError:
            raise NotDispatchable(
                f"task {task_id!r} is {len(sent.message)} bytes on the wire, more than the server "
                "takes, see max_payload in its settings: store the data and send its key"
            ) from None
        await self.write(task_id, record, None)

    async def read(self, task_id: str) -> tuple[Record, Any] | None:
        """Its version is the bucket's."""
        try:
            entry = await self._kv.get(_key(task_id))
        except KeyNotFoundError:
            return None
        return Record.read(entry.value), entry.revision

    async def write(self, task_id: str, record: Record, version: Any) -> bool:
        """Compare and set; the bucket forgets what was not written to for a week."""
        try:
            await self._kv.update(_key(task_id), record.written().encode(), last=version)
        except KeyWrongLastSequenceError:
            return False
        except MaxPayloadError:
            if record.result is None:
                raise
            logger.warning("task %s returned more than the server takes: it is not kept", task_id)
            return await self.write(task_id, replace(record, result=None), version)
        return True

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """One at a time: what waits in this process, no other worker can begin."""
        self._keeper = asyncio.create_task(self._keep())
        ready = False
        while True:
            try:
                if not ready:
                    await self.open()
                    ready = True
                taken = await self.broker.consumer.fetch(1, timeout=5)
            except NoAnswer:
                continue
            except self.errors as error:
                if self.broker.client.is_closed:  # it has given up
                    raise
                logger.warning("taskiq's broker at %s is not there: %s", self.address, error)
                await asyncio.sleep(1)
                continue
            for each in taken:
                about = each.metadata
                mark = f"{about.stream}:{about.sequence.stream}"
                if mark in self.held:  # our own renewal was late, and it is with us still
                    continue
                ticket = Ticket(mark, about.timestamp.timestamp(), each.data, each)
                self.held[mark] = ticket
                yield unwrapped(self.broker, ticket, partial(self.done, ticket))

    async def done(self, ticket: Ticket) -> None:
        """Acknowledge it, and know that the server has heard."""
        self._let_go(ticket)
        with suppress(MsgAlreadyAckdError):  # and only the answer was lost
            await ticket.origin.ack_sync(timeout=5)

    async def later(self, ticket: Ticket, delay: float) -> None:
        """The server has it until then."""
        self._let_go(ticket)
        with suppress(MsgAlreadyAckdError):
            await ticket.origin.nak(delay=delay)

    async def close(self) -> None:
        """Renew no more."""
        for task in (self.opening, self._keeper):
            if task is not None:
                task.cancel()

    def _let_go(self, ticket: Ticket) -> None:
        if self.held.get(ticket.mark) is ticket:
            del self.held[ticket.mark]

    async def _keep(self) -> None:
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(self._lost_after / 8)
            if time.monotonic() - renewed < self._lost_after / 4:
                continue
            renewed = time.monotonic()
            for ticket in list(self.held.values()):
                try:
                    await ticket.origin.in_progress()
                except self.errors as error:
                    logger.debug("taskiq's broker at %s is not there: %s", self.address, error)
                    break


def _key(task_id: str) -> str:
    if re.fullmatch(r"[-_=a-zA-Z0-9]+", task_id):
        return f"id.{task_id}"
    return f"hex.{task_id.encode().hex()}"
