"""taskiq: tasks over Redis streams or NATS JetStream."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from postlude._bounded import bounded
from postlude._foreign import can_be_known, check_spans, checked_crashes, in_words
from postlude._options import checked_seconds
from postlude._status import TaskState, TaskStatus
from postlude.errors import EngineUnavailable, MissingDependency, NotDispatchable

try:
    from taskiq.message import TaskiqMessage
    from taskiq.utils import maybe_awaitable
except ModuleNotFoundError as error:
    raise MissingDependency("taskiq", extra="taskiq") from error

from postlude.engines.taskiq._ground import LONGEST_ID, TASK
from postlude.engines.taskiq._record import Record
from postlude.engines.taskiq._worker import Worker

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import timedelta
    from typing import TypeVar

    from postlude._message import Message
    from postlude.engines.taskiq._ground import Ground
    from taskiq import AsyncBroker

    T = TypeVar("T")

__all__ = ["TaskiqEngine"]


class TaskiqEngine:
    """Has tasks run by the workers of a taskiq broker.

    Construct it where the workers import the broker as well, and import the modules of your tasks
    there: it adds one taskiq task, `postlude.run`, which runs the functions that are marked with
    `@task`.

    It works with the brokers that know which tasks a killed worker had: the `RedisStreamBroker` of
    taskiq-redis and the `PullBasedJetStreamBroker` of taskiq-nats. A delivery stays its worker's as
    long as that one renews it; once it has not for `lost_after`, it is another worker's.

    taskiq has no place for what became of a task, so the engine keeps a record of each beside the
    broker, for a week after its end; a result backend is not needed.

    Args:
        broker: The broker.
        timeout: How long to wait for the broker, in seconds.
        lost_after: When a worker that renews nothing any more is given up, in seconds.
        max_crashes: How many workers a task may cost; then it has failed.

    Raises:
        TypeError: The broker loses the tasks of killed workers, or drops those that wait.
        ValueError: A number is out of range.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, EngineUnavailable, task
        from postlude.engines.taskiq import TaskiqEngine
        from taskiq_redis import RedisStreamBroker

        broker = RedisStreamBroker("redis://:secret@localhost:1/0")
        engine = TaskiqEngine(broker, max_crashes=5)


        @task(name="emails.welcome")
        async def send_welcome(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            welcome = BackgroundTask(send_welcome, "ada@example.com")
            try:
                await welcome.with_options(engine=engine).submit()
            except EngineUnavailable as error:
                print(error)


        asyncio.run(main())
        ```

        ```text title="Output"
        taskiq at localhost:1/0 is not available: ConnectionError: ...
        ```
    """

    name = "taskiq"

    def __init__(
        self,
        broker: AsyncBroker,
        *,
        timeout: float | timedelta = 5.0,
        lost_after: float | timedelta = 30.0,
        max_crashes: int = 3,
    ) -> None:
        """Add the task to the broker; nothing is opened before the first message."""
        self._broker = broker
        self._timeout = checked_seconds("timeout", timeout, without="for 5 seconds")
        lost = checked_seconds("lost_after", lost_after, without="for 30 seconds")
        self._ground = _ground_of(broker, lost)
        crashes = checked_crashes(max_crashes)
        Worker(self._ground, lost_after=lost, max_crashes=crashes).join(broker)

    def __repr__(self) -> str:
        return f"<TaskiqEngine {self._ground.address}>"

    async def submit(self, message: Message) -> str:
        """Send a task; once it returns, the broker has it.

        Returns:
            The id to ask for: `message.id`. An id that is there already is not sent again.

        Raises:
            EngineUnavailable: The broker did not take it in time.
            NotDispatchable: The broker cannot do what the task asks for, or this is no asyncio.
        """
        check_spans(message)
        if len(message.id) > LONGEST_ID:
            raise NotDispatchable(
                f"task {message.name!r} has an id of {len(message.id)} characters, and at most "
                f"{LONGEST_ID} may be"
            )
        if message.priority:
            raise NotDispatchable(
                f"task {message.name!r} has priority={message.priority}, and taskiq's brokers have "
                "none: give what is urgent to a broker and workers of its own"
            )
        if message.queue is not None and not self._ground.has_queues:
            raise NotDispatchable(
                f"task {message.name!r} has queue={message.queue!r}, and a JetStream broker has "
                "one subject: make a broker with another subject, stream_name and durable for it, "
                "and an engine"
            )
        await self._asked(self._send(message))
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands; `unknown` a week after its end.

        Raises:
            EngineUnavailable: The broker does not answer.
        """
        found = await self._asked(self._read(task_id)) if can_be_known(task_id) else None
        if found is None:
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        return found[0].state(task_id)

    async def cancel(self, task_id: str) -> bool:
        """End a task that waits: its worker will find that out, and drop it.

        Returns:
            Whether it will not run; `False` if it runs, has ended or is not known.

        Raises:
            EngineUnavailable: The broker does not answer.
        """
        return can_be_known(task_id) and await self._asked(self._cancel(task_id))

    async def _send(self, message: Message) -> None:
        await self._open()
        sent = TaskiqMessage(
            task_id=message.id,
            task_name=TASK,
            labels={} if message.queue is None else {"queue_name": message.queue},
            args=[message.encode()],
            kwargs={},
        )
        for each in self._broker.middlewares:
            sent = await maybe_awaitable(each.pre_send(sent))
        record = Record(enqueued=time.time())
        wire = self._broker.formatter.dumps(sent)
        await self._ground.submit(message.id, record, wire, delay=message.delay)
        for each in reversed(self._broker.middlewares):
            await maybe_awaitable(each.post_send(sent))

    async def _read(self, task_id: str) -> tuple[Record, Any] | None:
        await self._open()
        return await self._ground.read(task_id)

    async def _cancel(self, task_id: str) -> bool:
        while (found := await self._read(task_id)) is not None:
            record, version = found
            if record.status not in {TaskStatus.PENDING, TaskStatus.RETRYING}:
                return False
            if await self._ground.write(task_id, record.cancelled(time.time()), version):
                return True
        return False

    async def _open(self) -> None:
        # One that takes too long goes on: the next task may find it done.
        if self._ground.opening is None or self._ground.opening.done():
            self._ground.opening = asyncio.create_task(self._ground.open())
        await asyncio.shield(self._ground.opening)

    async def _asked(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await bounded(work, seconds=self._timeout, engine=self.name)
        except TimeoutError:
            reason = f"no answer in {self._timeout:g} s"
        except self._ground.errors as error:
            reason = in_words(error)
        raise EngineUnavailable(f"taskiq at {self._ground.address} is not available: {reason}")


def _ground_of(broker: AsyncBroker, lost_after: float) -> Ground:
    kinds = {kind.__name__ for kind in type(broker).__mro__}
    known: Any = broker
    if "RedisStreamBroker" in kinds:
        from postlude.engines.taskiq._redis import RedisGround

        return RedisGround(known, lost_after=lost_after)
    if "PullBasedJetStreamBroker" in kinds:
        from postlude.engines.taskiq._nats import NatsGround

        return NatsGround(known, lost_after=lost_after)
    raise TypeError(
        f"broker is a {type(broker).__name__}, of which is not known that it keeps what a killed "
        "worker had: use RedisStreamBroker of taskiq-redis, or PullBasedJetStreamBroker of "
        "taskiq-nats"
    )
