"""What the tasks of a checked application have reported, as it happened."""

from __future__ import annotations

import contextlib
import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from anyio.abc import SocketStream

_LINE = 1000
_GONE = (anyio.IncompleteRead, anyio.BrokenResourceError, anyio.EndOfStream)


@dataclass(frozen=True, slots=True)
class Note:
    """One report: a task began, ended or was cut off, or its failure was logged."""

    kind: str
    key: str
    task: str
    early: bool = False
    """Whether chunks of its response were still to be sent."""


class Ledger:
    """Notes of all requests, and a hand on the tasks that wait to be let go."""

    def __init__(self, port: int, *, patience: float) -> None:
        """Begin with nothing.

        Args:
            port: Where tasks report.
            patience: Seconds for which it waits for notes.
        """
        self.notes: list[Note] = []
        self._port = port
        self._patience = patience
        self._numbers = itertools.count()
        self._held: dict[str, anyio.Event] = {}
        self._connected = 0
        self._changed = anyio.Event()

    def key(self, plan: str, *, held: bool = False) -> str:
        """A new key; the tasks of one that is held wait until it is released."""
        key = f"{plan}.{self._port}.{next(self._numbers)}"
        if held:
            self._held[key] = anyio.Event()
        return key

    def release(self, key: str) -> None:
        """Let the tasks of this request go on."""
        self._held[key].set()

    def of(self, key: str, *kinds: str) -> list[Note]:
        """The notes of one request, of some kinds."""
        return [note for note in self.notes if note.key == key and note.kind in kinds]

    def tasks(self, key: str, kind: str) -> list[str]:
        """The names of the tasks of one request that did this."""
        return [note.task for note in self.of(key, kind)]

    async def until(self, condition: Callable[[], bool], more: float = 0.0) -> bool:
        """Wait until it holds; `False`: it does not, and patience is over, and `more` seconds."""
        with anyio.move_on_after(self._patience + more):
            while not condition():
                await self._changed.wait()
        return condition()

    async def settle(self) -> None:
        """Wait until all is noted that was reported before the server ended."""
        for held in self._held.values():
            held.set()
        # Connections are taken in order: when this one is noted, all before it have begun.
        async with await anyio.connect_tcp("127.0.0.1", self._port) as line:
            await line.send(b"settled nobody nothing late\n")
        await self.until(lambda: bool(self.of("nobody", "settled")))
        await self.until(lambda: not self._connected)

    async def listen(self, line: SocketStream) -> None:
        """Take one report."""
        self._connected += 1
        try:
            async with line:
                await self._take(line)
        finally:
            self._connected -= 1
            self._change()

    async def _take(self, line: SocketStream) -> None:
        lines = BufferedByteReceiveStream(line)
        try:
            said = await lines.receive_until(b"\n", _LINE)
            kind, key, task, when = said.decode().split()
        except (*_GONE, anyio.DelimiterNotFound, ValueError):
            return  # a stranger who mistook the port
        if task != "chunk":
            self._note(Note(kind, key, task, when == "early"))
        if kind != "begin":
            return
        is_task = task != "chunk"
        try:
            if is_task and key in self._held:
                await self._hold(lines, self._held[key])
            await line.send(b".")
            await lines.receive_until(b"\n", _LINE)
        except _GONE:
            if is_task:
                self._note(Note("cut", key, task))
            return
        if is_task:
            self._note(Note("end", key, task))
        with contextlib.suppress(*_GONE):
            await line.send(b".")

    async def _hold(self, lines: BufferedByteReceiveStream, held: anyio.Event) -> None:
        """Wait until it is let go.

        Raises:
            EndOfStream: The task is gone.
        """
        gone = False
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                nonlocal gone
                with contextlib.suppress(*_GONE):
                    await lines.receive(1)
                gone = True
                group.cancel_scope.cancel()

            group.start_soon(watch)
            await held.wait()
            group.cancel_scope.cancel()
        if gone:
            raise anyio.EndOfStream

    def _note(self, note: Note) -> None:
        self.notes.append(note)
        self._change()

    def _change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


@asynccontextmanager
async def open_ledger(patience: float) -> AsyncGenerator[Ledger]:
    """A ledger that takes reports while the block lasts."""
    caught: Exception | None = None
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port: int = listener.extra(anyio.abc.SocketAttribute.local_port)
        ledger = Ledger(port, patience=patience)
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, ledger.listen)
            try:
                yield ledger
            except Exception as error:  # as it is, and not in a group of one
                caught = error
            group.cancel_scope.cancel()
    if caught:
        raise caught
