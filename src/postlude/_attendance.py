"""Calls that are made one by one, and of which nobody asks what became."""

from __future__ import annotations

import types
from contextvars import Context
from itertools import islice
from time import monotonic
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from postlude._cancellation import NOT_ASYNCIO, cancellations, stop_if_cancelled
from postlude._events import everyone
from postlude._execution import Execution, VagueExecution
from postlude._hop import Hop
from postlude._options import DEFAULT, DEFAULT_ASYNC
from postlude._step import sendable, step
from postlude._tally import Tally
from postlude._threads import threads_of_this_loop
from postlude._work import Escaped, Work

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from postlude._call import Call
    from postlude._threads import Threads

# What is too short to be seen in a log, in seconds.
_INSTANT = 0.0005


class Attendance:
    """Makes calls that have no options, in order.

    A success leaves no trace, neither an id nor an outcome nor a look at the clock: that makes a
    group as fast as a plain loop.

    Attributes:
        position: How many of the calls have been begun.
    """

    __slots__ = ("_before", "_calls", "_gap", "_is_exact", "_mark", "_tally", "position")

    def __init__(self, calls: Sequence[Call]) -> None:
        """Prepare; the list may grow meanwhile."""
        self.position = 0
        self._calls = calls
        self._before = cancellations()
        self._tally: Tally | None = None

    async def attend(self) -> bool:
        """Go on up to a call that has options.

        Returns:
            Whether there is none, and all calls have been made.
        """
        calls = self._calls
        begun = self.position
        while self.position < len(calls):
            if begun != self.position:
                await stop_if_cancelled(self._before)
            options = calls[self.position].options
            if everyone.observers and not everyone.tallying:
                return False
            if options is DEFAULT_ASYNC:
                await self._make_here()
            elif options is DEFAULT and not everyone.observers:
                await self._make_in_thread(threads_of_this_loop())
            else:
                return False
        return True

    def lose_rest(self, error: BaseException) -> None:
        """Say of each call that was not begun that it never will be."""
        lose(self._calls[self.position :], error)

    @types.coroutine
    def _make_here(self) -> Generator[Any, Any, None]:
        """Drive one generator for all calls, each in the context that it asks for.

        A generator of its own for each would cost twice as much: to end is what is expensive.
        """
        turns: Any = self._take_tallied_turns() if everyone.observers else self._take_turns()
        send, context = turns.send, Context()
        self._mark, self._is_exact = monotonic(), True
        waited, thrown = False, None
        try:
            asked = send(None)
            while True:
                if asked.__class__ is Context:
                    if waited:
                        self._mark, self._is_exact, waited = monotonic(), True, False
                        # Trio does not throw errors in: it sends them.
                        if thrown is not None or self._before == NOT_ASYNCIO:
                            thrown = None
                            yield from stop_if_cancelled(self._before).__await__()
                    context = asked.copy()
                    asked = context.run(send, None)
                    continue
                if not waited:
                    self._gap, waited = monotonic() - self._mark, True
                    if self._tally is not None:
                        self._tally.tell_apart(self._calls[self.position - 1])
                try:
                    value = yield asked
                except GeneratorExit:
                    context.run(turns.close)
                    raise
                except BaseException as error:
                    thrown = error
                else:
                    asked = context.run(send, value)
                    continue
                asked = context.run(turns.throw, thrown)
        except StopIteration:
            return

    @types.coroutine
    def _take_turns(self) -> Generator[Any, Any, None]:
        position, audience = self.position, everyone
        # Here and not where it is driven: a loop without an index is what is fast.
        for call in islice(self._calls, position, None):
            if call.options is not DEFAULT_ASYNC or audience.observers:
                return
            yield call.context
            position += 1
            self.position = position
            self._gap = -1.0
            try:
                coroutine: Any = call.func(*call.args, **call.keywords)
                if coroutine.__class__ is CoroutineType:
                    yield from coroutine  # type: ignore[misc]
                else:
                    yield from sendable(coroutine)
            except BaseException as error:
                self._settle(call, error)
            else:
                self._is_exact = False

    @types.coroutine
    def _take_tallied_turns(self) -> Generator[Any, Any, None]:
        """As they are, but each that is done in no time is counted by who is listening."""
        audience, position = everyone, self.position
        tally = self._tally = Tally(self._calls, position)
        tallying = audience.tallying
        try:
            for call in islice(self._calls, position, None):
                if call.options is not DEFAULT_ASYNC or audience.tallying is not tallying:
                    return
                yield call.context
                position += 1
                self.position = position
                try:
                    coroutine: Any = call.func(*call.args, **call.keywords)
                    if coroutine.__class__ is CoroutineType:
                        yield from coroutine  # type: ignore[misc]
                    else:
                        yield from sendable(coroutine)
                except BaseException as error:
                    tally.tell_apart(call).settle(error)
                    tally.go_on()
                else:
                    if tally.execution is None:
                        tally.ticks.append(monotonic())
                    else:
                        tally.execution.succeed(None)
                        tally.go_on()
        finally:
            tally.hand_over()
            self._tally = None

    def _settle(self, call: Call, error: BaseException) -> None:
        unsure = self._gap if self._gap >= 0 else monotonic() - self._mark
        is_vague = not self._is_exact and unsure >= _INSTANT
        execution = VagueExecution(call) if is_vague else Execution(call)
        execution.begin_at(self._mark)
        execution.settle(error)
        self._mark, self._is_exact = monotonic(), True

    async def _make_in_thread(self, threads: Threads) -> None:
        hop = Hop(self._calls, self.position, threads)
        work = Work(hop.run)
        try:
            await threads.do(work)
        except BaseException as error:
            self.position += work.turns
            self._execution_of(hop).settle(error)
            return
        self.position += work.turns
        if hop.error is not None:
            failure, hop.error = hop.error, None
            execution = self._execution_of(hop)
            execution.settle(failure if isinstance(failure, Exception) else Escaped(failure))
        elif hop.awaitable is not None:
            execution = self._execution_of(hop)
            try:
                await step(hop.context, hop.awaitable)
            except BaseException as error:
                execution.settle(error)

    def _execution_of(self, hop: Hop) -> Execution:
        execution = Execution(self._calls[self.position - 1])
        execution.begin_at(hop.mark)
        return execution


def lose(calls: Sequence[Call], error: BaseException) -> None:
    """Say of each call that it was not begun, and why it never will be."""
    for call in calls:
        Execution(call).lose(f"its group was interrupted by {type(error).__name__}")
