"""A function on its way through a thread."""

from __future__ import annotations

import enum
import sys
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

_abandoned: set[Work] = set()


class Escaped(Exception):
    """Carries a `SystemExit` or the like out of the thread that it was to end."""

    def __init__(self, error: BaseException) -> None:
        """Hold the error."""
        super().__init__()
        self.error = error


class State(enum.Enum):
    """Where work stands; it changes under the lock of the threads that have it."""

    WAITING = enum.auto()
    GIVEN = enum.auto()
    RUNNING = enum.auto()
    ABANDONED = enum.auto()
    DROPPED = enum.auto()
    DONE = enum.auto()


class Work:
    """One call in a thread, and what came of it.

    Attributes:
        disown: Called on the event loop when nobody waits for it any more.
        done: Called on the event loop when the function has ended.
        turns: How many calls the function has begun; it counts only the first one itself.
        host: The work that ran where this one was asked for: it may be waiting for it.
        guest: The work that runs in an extra thread, since this one may be waiting for it.
        guests: Work that may be guest next.
        threads: Whose thread it has, or is to have.
        scope: The `CancelScope` that belongs to it, for `anyio.from_thread`.
    """

    __slots__ = (
        "_func",
        "_value",
        "disown",
        "done",
        "error",
        "guest",
        "guests",
        "host",
        "scope",
        "state",
        "threads",
        "turns",
    )

    def __init__(
        self, func: Callable[[Work], Any], done: Callable[[], object] = int, *, scope: Any = None
    ) -> None:
        """Prepare; the function is given this."""
        self._func: Callable[[Work], Any] | None = func
        self._value: Any = None
        self.done = done
        self.error: BaseException | None = None
        self.host = current.get()
        self.guest: Work | None = None
        self.guests: deque[Work] = _NO_GUESTS
        self.scope = scope
        self.state = State.WAITING
        self.turns = 1
        self.disown: Callable[[], object] = int
        self.threads: Any = None

    def run(self) -> None:
        """Call the function, in the thread."""
        func, self._func = self._func, None
        assert func is not None
        try:
            self._value = func(self)
        except BaseException as error:
            self.error = error

    def result(self) -> Any:
        """What the function returned.

        Raises:
            Escaped: It raised an error that is no `Exception`.
        """
        error, self.error = self.error, None
        if error is None:
            return self._value
        try:
            raise error if isinstance(error, Exception) else Escaped(error)
        finally:
            del error  # or its traceback would lead back to itself

    def expect(self, guest: Work) -> None:
        """Note one that is to be the guest when the one there is has ended."""
        if self.guests is _NO_GUESTS:
            self.guests = deque()
        self.guests.append(guest)

    def abandon(self) -> None:
        """Count it until it ends."""
        self.state = State.ABANDONED
        _abandoned.add(self)

    def end(self) -> None:
        """It is over."""
        self.state = State.DONE
        _abandoned.discard(self)


_NO_GUESTS: deque[Work] = deque(maxlen=0)
current: ContextVar[Work | None] = ContextVar("postlude_work", default=None)


def prepared(context: Context, work: Work) -> Context:
    """The context, as one for code in a thread that does this work."""
    context.run(current.set, work)
    sniffio = sys.modules.get("sniffio")
    if sniffio is not None and context.get(sniffio.current_async_library_cvar) is not None:
        context.run(sniffio.current_async_library_cvar.set, None)
    return context


def left(context: Context) -> Context:
    """The context, as one for code on the event loop again."""
    context.run(current.set, None)
    return context


def abandoned_threads() -> int:
    """How many threads still run a function that nobody waits for any more."""
    return len(_abandoned)
