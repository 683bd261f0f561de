"""What an engine needs of a broker, beyond what taskiq asks of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from taskiq import AckableMessage
from taskiq.message import TaskiqMessage

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from postlude.engines.taskiq._record import Record
    from taskiq import AsyncBroker
    from taskiq.message import BrokerMessage

TASK = "postlude.run"
# It is a part of keys.
LONGEST_ID = 250
# For how long what became of a task is kept, in seconds.
RETENTION = 7 * 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A delivery in the hands of this worker: whoever has it runs the task, or gives it back.

    Attributes:
        mark: The broker's own name for it, the same when it is delivered again.
        sent: When it was sent, in seconds since the epoch.
        data: What was sent.
        origin: What the broker's client has of it.
    """

    mark: str
    sent: float
    data: bytes
    origin: Any


class Ground(Protocol):
    """One kind of broker that keeps what a killed worker had."""

    errors: tuple[type[Exception], ...]
    """What its client raises if the broker is not there."""
    puts_off: bool
    """Whether it delivers a delayed task only once it is due."""
    has_queues: bool
    """Whether a task may name one."""
    opening: asyncio.Task[None] | None
    """What makes it ready."""
    held: dict[str, Ticket]
    """What this process has, by mark."""

    @property
    def address(self) -> str:
        """Where it is, without who asks and the password."""
        ...

    async def open(self) -> None:
        """Make it ready, unless it is."""
        ...

    async def submit(
        self, task_id: str, record: Record, sent: BrokerMessage, *, delay: float | None
    ) -> None:
        """Store a task and its record; one that is there already stays as it is."""
        ...

    async def read(self, task_id: str) -> tuple[Record, Any] | None:
        """The record of a task, and its version."""
        ...

    async def write(self, task_id: str, record: Record, version: Any) -> bool:
        """Replace that version of a record; `None` if there is none yet.

        Returns:
            Whether it was still the newest.
        """
        ...

    def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """What there is to do: new deliveries, and those of lost workers."""
        ...

    async def done(self, ticket: Ticket) -> None:
        """It need not be delivered again."""
        ...

    async def later(self, ticket: Ticket, delay: float) -> None:
        """Deliver it again, but not before so many seconds have passed."""
        ...

    async def close(self) -> None:
        """End what `listen` has begun."""
        ...


def unwrapped(broker: AsyncBroker, ticket: Ticket, ack: Callable[[], Awaitable[None]]) -> Any:
    """The delivery as taskiq is to see it.

    A task of ours is acknowledged by us, and whatever else its sender has put in is left out;
    those of others are as they would be without us.
    """
    try:
        message = broker.formatter.loads(ticket.data)
        message.parse_labels()
    except Exception:
        # taskiq says so in its log, and acknowledges it.
        return AckableMessage(data=ticket.data, ack=ack)
    if message.task_name != TASK:
        return AckableMessage(data=ticket.data, ack=ack)
    text = message.args[0] if len(message.args) == 1 and not message.kwargs else None
    ours = TaskiqMessage(
        task_id=message.task_id,
        task_name=TASK,
        labels={"ack_type": "manual"},
        args=[text, ticket.mark, message.task_id],
        kwargs={},
    )
    return AckableMessage(data=broker.formatter.dumps(ours).message, ack=ack)
