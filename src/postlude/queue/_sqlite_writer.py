"""The thread that has a store's connection: what has gathered is one transaction."""

from __future__ import annotations

import copy
import os
import random
import sqlite3
import threading
import time
import weakref
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from postlude.errors import EngineUnavailable
from postlude.queue._sqlite_file import is_busy
from postlude.queue._sqlite_order import Moment, Order, wake
from postlude.queue._sqlite_watch import Look, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from postlude.queue._sqlite_file import File

# How many orders share a transaction at most, so that other processes get their turn.
MOST = 1000
# Seconds between two looks for what other processes have committed, while somebody waits for it.
POLL = 0.02
# Seconds until the next try for a lock that another process has: from, to.
_PAUSE = (0.0003, 0.002)
# For so long after it was found locked, others are let in after each transaction.
_COURTESY = 0.5


class Writer:
    """Does all that is to be done with the file, in one thread of this process."""

    def __init__(self, file: File, *, timeout: float) -> None:
        """Prepare; the thread starts with the first order."""
        self._file = file
        self._timeout = timeout
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._lock = threading.Lock()
        # Held while SQLite is at work.
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._watch = Watch()
        self._contended = -_COURTESY
        self._is_stopped = False
        self._end: Order | None = None

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
            self._orders.put(order)
        return True

    async def stop(self) -> None:
        """End when all has been done that was ordered before."""
        with self._lock:
            self._is_stopped = True
            if self._thread is None:
                return
            self._end = Order()
            self._orders.put(None)
        await self._end.alarm.wait()

    def abandon(self, order: Order) -> None:
        """Nobody waits for it any more."""
        with self._lock:
            order.is_abandoned = True
            follow_up = order.drop() if order.is_done else None
        if follow_up is not None:
            self.send(follow_up)

    def _run(self) -> None:
        going = True
        while going:
            orders, going = self._gathered()
            self._serve(orders)
            if self._watch.looks:
                self._guarded(self._watch.look)
        wake(self._watch.looks)
        with self._gate:
            self._file.close()
        if self._end is not None:
            wake([self._end])

    def _gathered(self) -> tuple[list[Order], bool]:
        """Wait for orders, and take all that are there."""
        orders: list[Order] = []
        try:
            order = self._orders.get(timeout=POLL if self._watch.looks else None)
            while order is not None:
                orders.append(order)
                if len(orders) == MOST:
                    break
                order = self._orders.get_nowait()
        except Empty:
            return orders, True
        return orders, order is not None

    def _serve(self, orders: list[Order]) -> None:
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

    def _read(self, order: Order) -> None:
        error = self._guarded(lambda connection: order.do(connection, [order], Moment.now()))
        self._finish([order], error)

    def _write(self, orders: list[Order]) -> None:
        error = self._guarded(lambda connection: _transact(connection, orders))
        if error is not None and len(orders) > 1 and not self._is_locked_out:
            # One of them is to blame, and the others are not to suffer for it.
            for order in orders:
                self._write([order])
            return
        self._watch.is_stale = True
        self._finish(orders, error)
        if time.monotonic() - self._contended < _COURTESY:
            time.sleep(_PAUSE[1])

    def _finish(self, orders: list[Order], error: Exception | None) -> None:
        with self._lock:
            for order in orders:
                order.error = None if error is None else copy.copy(error)
                order.is_done = True
            dropped = [order for order in orders if order.is_abandoned]
        dropped += wake(orders)
        for order in dropped:
            follow_up = order.drop()
            if follow_up is not None:
                self._write([follow_up])

    def _guarded(self, work: Callable[[sqlite3.Connection], object]) -> Exception | None:
        """Do something with the connection, and be patient with who has it locked."""
        until = time.monotonic() + self._timeout
        self._is_locked_out = False
        while True:
            with self._gate:
                try:
                    work(self._file.connection())
                    return None
                except sqlite3.Error as error:
                    if not is_busy(error):
                        # A fresh start, where the fault lies with the connection.
                        self._file.close()
                        return self._file.explain(error)
                except Exception as error:
                    return error
            self._contended = time.monotonic()
            if self._contended >= until:
                self._is_locked_out = True
                return EngineUnavailable(
                    f"{self._file.place} was locked by another program for {self._timeout:g} s"
                )
            time.sleep(random.uniform(*_PAUSE))

    # SQLite keeps its locks by process and file: a child that was forked with an open connection
    # would take its parent's for its own, and a checkpoint would pull the log from under it.
    def before_fork(self) -> None:
        """Have no connection open while the process is copied."""
        self._gate.acquire()
        self._file.close()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._gate.release()

    def after_fork_in_child(self) -> None:
        """Have no thread and no orders, which are the parent's."""
        self._begin()


def _transact(connection: sqlite3.Connection, orders: Sequence[Order]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        moment = Moment.now()
        kinds: dict[type[Order], list[Any]] = {}
        for order in orders:
            kinds.setdefault(type(order), []).append(order)
        for kind in sorted(kinds, key=lambda kind: kind.rank):
            kind.do(connection, kinds[kind], moment)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_all: weakref.WeakSet[Writer] = weakref.WeakSet()
_forking: list[Writer] = []


def _before() -> None:
    _forking[:] = _all
    for writer in _forking:
        writer.before_fork()


def _in_parent() -> None:
    for writer in _forking:
        writer.after_fork_in_parent()
    _forking.clear()


def _in_child() -> None:
    for writer in _forking:
        writer.after_fork_in_child()
    _forking.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
