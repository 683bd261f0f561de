"""The signals of a service manager, noticed while they matter."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

WATCHED = (signal.SIGTERM, signal.SIGINT)
# With what gunicorn says that there is no more time.
URGENT = getattr(signal, "SIGQUIT", None)
# Seconds in which the signal of a main process and that of a terminal or service manager, which
# speak to the workers as well, are one.
COPIES = 2.0
# Seconds in which the server of a worker that got a signal may begin to stop by itself.
PATIENCE = 5.0


def has_main_process() -> bool:
    """Whether this is a worker of a server, which another process starts and stops."""
    # Without an import: who is a worker has these modules.
    multiprocessing = sys.modules.get("multiprocessing")
    is_child = multiprocessing is not None and multiprocessing.parent_process() is not None
    return is_child or "gunicorn.arbiter" in sys.modules


class Vigil:
    """Notices SIGTERM and SIGINT, before whoever handled them so far.

    In a process of its own only during a drain, where each signal is a second one. In a worker
    from the runner's start, so that a first signal and its copies are told from a second.
    """

    def __init__(self, *, is_worker: bool | None = None) -> None:
        """Prepare; `is_worker` is found out."""
        self.is_worker = has_main_process() if is_worker is None else is_worker
        self._first: float | None = None
        self._begun = 0.0
        self._reactions: list[Callable[[str], None]] = []
        self._raise_alarm: Callable[[], None] | None = None
        self._is_on = False
        self._is_for_now = False
        self._handlers: dict[int, Any] = {}
        self._deferred: list[int] = []

    def begin(self, raise_alarm: Callable[[], None]) -> None:
        """Watch over a worker; the alarm is a signal that would have ended the process at once.

        Off the main thread, where Python cannot watch signals, nothing happens.
        """
        self._raise_alarm = raise_alarm
        if self.is_worker:
            self._watch((*WATCHED, URGENT) if URGENT else WATCHED)

    def end(self) -> None:
        """Put the handlers back that were there before, unless somebody has changed them since."""
        self._is_on = False
        for each, before in self._handlers.items():
            if signal.getsignal(each) == self._handle:
                signal.signal(each, before)

    @contextmanager
    def reacting(self, react: Callable[[str], None]) -> Generator[None]:
        """Call `react` with the name of each signal that says it all takes too long.

        A signal that nobody handled is given back when the block ends, and then ends the process;
        but not in a worker, whose main process sees to that.
        """
        if not self._is_on:
            self._is_for_now = True
            self._watch(WATCHED)
        self._reactions.append(react)
        self._begun = monotonic()
        try:
            yield
        finally:
            self._reactions.remove(react)
            if not self._reactions:
                self._finish()

    def _finish(self) -> None:
        if self._is_for_now:
            self._is_for_now = False
            self.end()
        if not self.is_worker:
            self.give_back()

    def give_back(self) -> None:
        """End the process by the signal that would have ended it."""
        deferred, self._deferred = self._deferred, []
        for each in deferred:
            signal.signal(each, signal.SIG_DFL)
            signal.raise_signal(each)

    def _watch(self, numbers: tuple[int, ...]) -> None:
        if threading.current_thread() is threading.main_thread():
            self._is_on = True
            for each in numbers:
                self._handlers[each] = signal.signal(each, self._handle)

    def _handle(self, number: int, frame: Any) -> None:
        if self._reactions and not self._is_copy(number):
            for react in tuple(self._reactions):
                react(signal.Signals(number).name)
        if self._first is None:
            self._first = monotonic()
        before = self._handlers[number]
        if callable(before):
            before(number, frame)
        elif before is signal.SIG_DFL:
            self._deferred.append(number)
            if not self._reactions and self._raise_alarm is not None:
                self._raise_alarm()

    def _is_copy(self, number: int) -> bool:
        if not self.is_worker or number == URGENT:
            return False
        if number == signal.SIGTERM:
            # hypercorn tells its workers by other means, and sends this when the first has ended.
            return self._first is None or monotonic() - self._first < COPIES
        stopped = self._begun if self._first is None else min(self._first, self._begun)
        return monotonic() - stopped < COPIES
