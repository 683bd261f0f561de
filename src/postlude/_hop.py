"""Neighbouring `def` calls that share one way to a thread and back."""

from __future__ import annotations

import inspect
from time import monotonic
from typing import TYPE_CHECKING, Any

from postlude._events import everyone
from postlude._options import DEFAULT
from postlude._work import left, prepared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextvars import Context

    from postlude._call import Call
    from postlude._threads import Threads
    from postlude._work import Work


class Hop:
    """Makes calls in a thread, in order, as long as that is the same as making each by itself.

    It ends before a call that is no plain `def`, when one fails (which is logged before the next
    begins), when one returned something to be awaited, when somebody else waits for a thread, and
    when nobody waits for this any more.

    Attributes:
        error: What the last call raised.
        awaitable: What the last call returned, if that is to be awaited in `context`.
        mark: When the last call began, on the monotonic clock.
    """

    __slots__ = ("_calls", "_position", "_threads", "awaitable", "context", "error", "mark")

    def __init__(self, calls: Sequence[Call], position: int, threads: Threads) -> None:
        """Prepare; the call at `position` is the first."""
        self._calls = calls
        self._position = position
        self._threads = threads
        self.error: BaseException | None = None
        self.awaitable: Any = None
        self.context: Context
        self.mark = monotonic()

    def run(self, work: Work) -> None:
        """Make the calls, in the thread; `work.turns` counts them."""
        calls, position, go_on = self._calls, self._position, self._threads.go_on
        call = calls[position]
        while self._make(call, work):
            position += 1
            if position >= len(calls):
                return
            call = calls[position]
            if call.options is not DEFAULT or everyone.observers or not go_on(work):
                return

    def _make(self, call: Call, work: Work) -> bool:
        context = prepared(call.context.copy(), work)
        self.mark = monotonic()
        try:
            value = context.run(call.func, *call.args, **call.keywords)
        except BaseException as error:
            self.error = error
            return False
        if value is None or not inspect.isawaitable(value):
            return True
        self.awaitable, self.context = value, left(context)
        return False
