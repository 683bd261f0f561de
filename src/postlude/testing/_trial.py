"""One engine on trial: tasks for it, and what its worker makes of them."""

from __future__ import annotations

import itertools
import math
import time
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import anyio
from postlude import _ids
from postlude._call import Call
from postlude._current import request_id
from postlude._message import Message
from postlude._status import TaskStatus
from postlude.testing._engine_probe import coroutine, function
from postlude.testing._talk import Broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._status import TaskState
    from postlude.protocols import Engine
    from postlude.testing._duty import Duty
    from postlude.testing._logbook import Logbook, Note, Order

_PAUSE = 0.05
ENDS = {TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.TIMED_OUT, TaskStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class Sent:
    """A task that was submitted: its key in the logbook, its id, what `submit` gave."""

    key: str
    id: str
    given: str


@dataclass(slots=True)
class Trial:
    """An engine, its worker, and the check's side of its tasks.

    Attributes:
        engine: The engine.
        duty: Its worker.
        logbook: Where its tasks report.
        patience: Seconds to wait for what is to happen.
        lease: Seconds after which the task of a lost worker is another's.
        elsewhere: Makes an engine like this whose broker is at another address.
        spare: A queue that no worker serves.
    """

    engine: Engine
    duty: Duty
    logbook: Logbook
    patience: float
    lease: float
    elsewhere: Callable[[str], Engine] | None
    spare: str | None

    @property
    def within(self) -> str:
        """How long it waits, for a sentence."""
        return f"within {self.patience:g} s"

    async def submit(
        self,
        *orders: Order,
        values: tuple[Any, ...] = (),
        named: dict[str, Any] | None = None,
        is_async: bool = False,
        held: bool = False,
        request: str | None = None,
        queue: str | None = None,
        priority: int = 0,
        **options: Any,
    ) -> Sent:
        """Hand a probe over that is told to do this, attempt by attempt."""
        key = self.logbook.key(*orders, held=held)

        def write() -> Message:
            request_id.set(request)
            probe = coroutine if is_async else function
            call = Call(probe, self.logbook.port, key, *values, **(named or {}))
            call.options = call.options.updated(**options)
            return Message.of(call)

        message = replace(copy_context().run(write), queue=queue, priority=priority)
        return Sent(key, message.id, await self.hand_over(message))

    async def hand_over(self, message: Message) -> str:
        """Submit a message, and take the id that comes back.

        Raises:
            Broken: That took too long.
        """
        with anyio.move_on_after(self.patience):
            return await self.engine.submit(message)
        raise Broken(f"submit() did not return {self.within}")

    def probe_message(self, **changes: Any) -> Message:
        """A message for a probe, for what is to be changed in it."""
        new = _ids.new_id()
        return replace(Message("postlude.probe.function", id=new, name="probe"), **changes)

    async def begun(self, sent: Sent, times: int = 1, *, more: float = 0.0) -> list[Note]:
        """Wait until so many attempts have begun.

        Raises:
            Broken: They have not.
        """
        await self.logbook.until(
            lambda: len(self.logbook.of(sent.key)) >= times, self.patience + more
        )
        notes = self.logbook.of(sent.key)
        if not notes:
            raise Broken(f"a task never began within {self.patience + more:g} s")
        if len(notes) < times:
            raise Broken(
                f"a task was begun {len(notes)} times and not {times} within "
                f"{self.patience + more:g} s"
            )
        return notes

    async def state(self, task_id: str, *wanted: TaskStatus, more: float = 0.0) -> TaskState:
        """Ask until it stands so.

        Raises:
            Broken: It never does.
        """
        end = time.monotonic() + self.patience + more
        while True:
            state = await self.engine.status(task_id)
            if state.task_id != task_id:
                raise Broken(f"status({task_id!r}) is of the task {state.task_id!r}")
            if state.status in wanted:
                return state
            if time.monotonic() > end or (state.status in ENDS and ENDS.issuperset(wanted)):
                hoped = " or ".join(map(repr, map(str, wanted)))
                said = f" ({state.error})" if state.error else ""
                raise Broken(f"status() is {str(state.status)!r}{said} instead of {hoped}")
            await anyio.sleep(_PAUSE)

    async def succeeded(self, sent: Sent, *, more: float = 0.0) -> TaskState:
        """Wait until it has succeeded."""
        return await self.state(sent.id, TaskStatus.SUCCEEDED, more=more)

    async def serves(self, after: str) -> None:
        """Make sure that the worker runs tasks.

        Raises:
            Broken: It does not.
        """
        sent = await self.submit()
        try:
            await self.begun(sent, more=self.lease)
        except Broken as error:
            raise Broken(f"after {after}: {error}") from None

    def gap(self, notes: list[Note]) -> float:
        """The shortest time between two attempts."""
        pairs = itertools.pairwise(notes)
        return min((after.at - before.at for before, after in pairs), default=math.inf)
