"""A signal of the service manager, noticed while it matters."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

WATCHED = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_signal(react: Callable[[str], None]) -> Generator[None]:
    """Call `react` with the name of each SIGTERM and SIGINT, before whoever handled it so far.

    A signal that nobody handled is given back when the block ends, and then ends the process.
    Off the main thread, where Python cannot watch signals, nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    deferred: list[int] = []

    def handle(number: int, frame: Any) -> None:
        react(signal.Signals(number).name)
        before = handlers[number]
        if callable(before):
            before(number, frame)
        elif before is signal.SIG_DFL:
            deferred.append(number)

    handlers: dict[int, Any] = {each: signal.signal(each, handle) for each in WATCHED}
    try:
        yield
    finally:
        for each, before in handlers.items():
            signal.signal(each, before)
        for each in deferred:
            signal.raise_signal(each)
