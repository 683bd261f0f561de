"""The smallest engine there can be: it keeps what it is given."""

from __future__ import annotations

from postlude import Message, TaskState, TaskStatus


class Desk:
    """Keeps messages in a dict; while it has a refusal, it takes none."""

    name = "desk"

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.states: dict[str, TaskState] = {}
        self.refusal: Exception | None = None
        self.log: list[str] = []

    async def submit(self, message: Message) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.messages[message.id] = message
        self.log.append(f"stored {message.name}")
        return message.id

    async def status(self, task_id: str) -> TaskState:
        if task_id in self.states:
            return self.states[task_id]
        known = task_id in self.messages
        status = TaskStatus.PENDING if known else TaskStatus.UNKNOWN
        return TaskState(task_id=task_id, status=status)

    async def cancel(self, task_id: str) -> bool:
        return self.messages.pop(task_id, None) is not None

    @property
    def names(self) -> list[str]:
        return [message.name for message in self.messages.values()]
