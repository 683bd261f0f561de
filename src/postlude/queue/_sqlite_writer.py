"""The thread that has a store's connection: what has gathered is one transaction."""

from __future__ import annotations

import contextlib
import copy
import random
import sqlite3
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from postlude.errors import EngineUnavailable
from postlude.queue import _sqlite_fork
from postlude.queue._sqlite_file import is_busy
from postlude.queue._sqlite_order import Moment, Order, wake
from postlude.queue._sqlite_watch import Look, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from postlude.queue._sqlite_file import File

# How many orders share a transaction at most, and how many bytes, so that others get their turn.
MOST, MOST_BYTES = 1000, 4_000_000
# Seconds between two looks for what other processes have committed, while somebody waits for it.
POLL = 0.02
# Seconds until the next try for a lock that another process has: from, to.
_PAUSE = (0.0003, 0.002)
# For so long after it was found locked, others are let in after each transaction.
_COURTESY = 0.5


class Writer:
    """Does all that is to be done with a file, in one thread of this process."""

    def __init__(self, file: File, *, timeout: float) -> None:
        """Prepare; the thread starts with the first order.

        Args:
            file: Its own: no other writer has it.
            timeout: Seconds of patience with who has the file locked.
        """
        self._file = file
        self._timeout = timeout
        self.begin()
        _sqlite_fork.watch(self)

    def begin(self) -> None:
        """Have no thread and no orders, as in a process that has just been forked."""
        self._queue: SimpleQueue[Order | None] = SimpleQueue()
        self._lock = threading.Lock()
        # Held while SQLite is at work.
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ends: list[Order] = []
        self._is_stopped = False
        self._watch = Watch()
        self._pending: list[Order] = []
        self._contended = -_COURTESY

    def send(self, order: Order) -> bool:
        """Have something done; from any thread.

        Returns:
            Whether it will be; `False` if this has been stopped.
        """
        with self._lock:
            if self._is_stopped:
                return False
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name=f"postlude {self._file.path.name}", daemon=True
                )
                self._thread.start()
            self._queue.put(order)
        return True

    def abandon(self, order: Order) -> None:
        """Nobody waits for it any more."""
        with self._lock:
            order.is_abandoned = True
            follow_up = order.drop() if order.is_done else None
        if follow_up is not None:
            self.send(follow_up)

    async def stop(self) -> None:
        """End when all has been done that was ordered before."""
        with self._lock:
            self._is_stopped = True
            if self._thread is None:
                return
            end = Order()
            end.bind()
            self._ends.append(end)
            self._queue.put(None)
        await end.wait()

    def _run(self) -> None:
        going = True
        while going or self._pending or not self._queue.empty():
            gathered, going = self._gathered(going)
            self._pending += gathered
            self._serve()
            if self._pending:
                self._contended = time.monotonic()
                self._expire()
                time.sleep(random.uniform(*_PAUSE))
        wake(self._watch.looks)
        with self._gate:
            self._file.close()
        with self._lock:
            ends, self._thread = self._ends, None
        wake(ends)

    def _gathered(self, going: bool) -> tuple[list[Order], bool]:
        """Wait for orders if there are none, and take those that are there."""
        orders: list[Order] = []
        size = 0
        try:
            if self._pending or not going:
                order = self._queue.get_nowait()
            else:
                order = self._queue.get(timeout=POLL if self._watch.looks else None)
            while order is not None:
                orders.append(order)
                size += order.size
                if len(orders) >= MOST or size >= MOST_BYTES:
                    return orders, True
                order = self._queue.get_nowait()
        except Empty:
            return orders, going
        return orders, False

    def _serve(self) -> None:
        """Do what is pending; what stays so has found the file locked."""
        orders, self._pending = self._pending, []
        writing: list[Order] = []
        for order in orders:
            if isinstance(order, Look):
                self._watch.add(order)
            elif order.is_reading:
                self._read(order)
            elif not order.is_abandoned:
                writing.append(order)
        if writing:
            self._write(writing)
        if self._watch.looks:
            error = self._tried(self._watch.look)
            if error is not None and not isinstance(error, Locked):
                self._finish(self._watch.emptied(), error)

    def _read(self, order: Order) -> None:
        error = self._tried(lambda connection: order.do(connection, [order], Moment.now()))
        if isinstance(error, Locked):
            self._pending.append(order)
        else:
            self._finish([order], error)

    def _write(self, orders: list[Order]) -> None:
        begun: list[Order] = []
        error = self._tried(lambda connection: _transact(connection, orders, begun))
        if isinstance(error, Locked):
            self._pending += orders
        elif error is not None and len(begun) > 1:
            # One of them may be to blame, and the others are not to suffer for it.
            self._write(orders[: len(orders) // 2])
            self._write(orders[len(orders) // 2 :])
        else:
            self._watch.is_stale = True
            self._finish(orders, error)
            if time.monotonic() - self._contended < _COURTESY:
                time.sleep(_PAUSE[1])

    def _finish(self, orders: Sequence[Order], error: Exception | None) -> None:
        with self._lock:
            for order in orders:
                if error is not None:
                    order.result, order.error = None, copy.copy(error)
                order.is_done = True
            dropped = [order for order in orders if order.is_abandoned]
        dropped += wake(orders)
        for order in dropped:
            follow_up = order.drop()
            if follow_up is not None:
                self._queue.put(follow_up)

    def _expire(self) -> None:
        """Tell those who have waited long enough that the file is locked."""
        before = time.monotonic() - self._timeout
        old = [order for order in self._pending if order.sent <= before]
        self._pending = [order for order in self._pending if order.sent > before]
        place, patience = self._file.place, self._timeout
        words = f"{place} cannot be used: another program has kept it locked for {patience:g} s"
        self._finish(old, EngineUnavailable(words))

    def _tried(self, work: Callable[[sqlite3.Connection], object]) -> Exception | None:
        """Do something with the connection, unless it is locked."""
        with self._gate:
            try:
                work(self._file.connection())
            except sqlite3.Error as error:
                if is_busy(error):
                    return Locked()
                # A fresh start, where the fault lies with the connection.
                self._file.close()
                return self._file.explain(error)
            except Exception as error:
                return error
        return None

    def before_fork(self) -> None:
        """Have no connection open while the process is copied."""
        self._gate.acquire()
        self._file.close()

    def after_fork(self) -> None:
        """Go on, in the parent."""
        self._gate.release()


class Locked(Exception):
    """Another process has the file locked."""


def _transact(connection: sqlite3.Connection, orders: Sequence[Order], begun: list[Order]) -> None:
    """Do all that is not in vain in one transaction; `begun` has what is."""
    moment = Moment.now()
    kinds: dict[type[Order], list[Any]] = {}
    for order in orders:
        if not order.is_vain(connection, moment):
            kinds.setdefault(type(order), []).append(order)
    if not kinds:
        return
    connection.execute("BEGIN IMMEDIATE")
    begun += orders
    try:
        for kind in sorted(kinds, key=lambda kind: kind.rank):
            kind.do(connection, kinds[kind], moment)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.OperationalError):  # SQLite may have done so itself
            connection.execute("ROLLBACK")
        raise
