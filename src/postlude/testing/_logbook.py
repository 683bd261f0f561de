"""What the tasks of a checked engine have reported, and what they are told to do."""

from __future__ import annotations

import itertools
import json
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from anyio.abc import SocketStream

    Order: TypeAlias = Mapping[str, Any]

_LINE = 65_536
_GONE = (anyio.IncompleteRead, anyio.BrokenResourceError, anyio.EndOfStream)
RETURN: Order = {"do": "return", "value": None}
SLEEP: Order = {"do": "sleep"}
DIE: Order = {"do": "die"}


def returning(value: Any) -> Order:
    """The order to return this."""
    return {"do": "return", "value": value}


def raising(text: str) -> Order:
    """The order to raise an error with this text."""
    return {"do": "raise", "text": text}


@dataclass(frozen=True, slots=True)
class Note:
    """A task began: when, where, with what."""

    key: str
    values: list[Any]
    named: dict[str, Any]
    pid: int
    loop: int | None
    request_id: str | None
    at: float


class Logbook:
    """Notes of all tasks, in their order."""

    def __init__(self, port: int) -> None:
        """Begin with nothing; `port` is where tasks report."""
        self.port = port
        self.notes: list[Note] = []
        self._numbers = itertools.count(1)
        self._orders: dict[str, Sequence[Order]] = {}
        self._held: dict[str, anyio.Event] = {}
        self._changed = anyio.Event()

    def key(self, *orders: Order, held: bool = False) -> str:
        """A key for a task that is told to do this, attempt by attempt; the last for all others.

        One that is held gets no order before it is released.
        """
        key = f"{self.port}-{next(self._numbers)}"
        self._orders[key] = orders or (RETURN,)
        if held:
            self._held[key] = anyio.Event()
        return key

    def release(self, key: str) -> None:
        """Let the attempts of this task go on, those to come included."""
        self._held[key].set()

    def release_all(self) -> None:
        """Let everything go on, whoever held it."""
        for held in self._held.values():
            held.set()

    def of(self, key: str) -> list[Note]:
        """The attempts that have begun at one task."""
        return [note for note in self.notes if note.key == key]

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until it holds; `False`: it does not, and the time is over."""
        with anyio.move_on_after(seconds):
            while not condition():
                await self._changed.wait()
        return condition()

    async def listen(self, line: SocketStream) -> None:
        """Take one report, and give the order."""
        async with line:
            with suppress(*_GONE, anyio.DelimiterNotFound, ValueError, TypeError):
                said = await BufferedByteReceiveStream(line).receive_until(b"\n", _LINE)
                note = Note(**json.loads(said), at=time.monotonic())
                orders = self._orders.get(note.key, ())
                self.notes.append(note)
                self._changed.set()
                self._changed = anyio.Event()
                order = orders[min(len(self.of(note.key)), len(orders)) - 1] if orders else RETURN
                if note.key in self._held:
                    await self._held[note.key].wait()
                await line.send(json.dumps(order).encode() + b"\n")


@asynccontextmanager
async def open_logbook() -> AsyncGenerator[Logbook]:
    """A logbook that takes reports while the block lasts."""
    caught: Exception | None = None
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        logbook = Logbook(listener.extra(anyio.abc.SocketAttribute.local_port))
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, logbook.listen)
            try:
                yield logbook
            except Exception as error:  # as it is, and not in a group of one
                caught = error
            group.cancel_scope.cancel()
    if caught:
        raise caught
