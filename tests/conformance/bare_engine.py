"""An engine without a queue of others: tasks in a table, and a worker that forks for each of them.

Run as a program it is that worker. By its flaw it breaks one promise.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
from postlude import EngineUnavailable, TaskState, TaskStatus
from postlude._delivery import Delivery
from postlude._message import Message
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._redelivery import Again
from postlude.errors import MessageRefused
from postlude.testing import probe_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from postlude._outcome import Outcome

TABLE = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, text TEXT, queue TEXT, priority INT, due REAL,
    status TEXT DEFAULT 'pending', failures INT DEFAULT 0, crashes INT DEFAULT 0,
    result TEXT DEFAULT 'null', error TEXT
)
"""
NEXT = """
UPDATE tasks SET status = 'running' WHERE id = (
    SELECT id FROM tasks WHERE status IN ('pending', 'retrying') AND due <= ?1 AND queue GLOB ?2
    ORDER BY {order}, rowid LIMIT 1
) RETURNING id, text, failures
"""
CRASHED = """
UPDATE tasks SET crashes = crashes + 1, error = 'its worker was lost',
    status = CASE WHEN crashes + 1 < ? THEN 'retrying' ELSE 'failed' END
WHERE status = 'running' AND id GLOB ?
"""


def opened(path: str) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute(TABLE)
    return closing(connection)


class BareEngine:
    """The side of who submits."""

    name = "bare"

    def __init__(self, path: str | Path, flaw: str = "") -> None:
        self.path = str(path)
        self.flaw = flaw

    async def submit(self, message: Message) -> str:
        delay = 0.0 if self.flaw == "hurries" else message.delay or 0.0
        if self.flaw == "drops_the_request":
            message = replace(message, request_id=None)
        row = (message.id, message.encode(), message.queue or "default", message.priority)
        with opened(self.path) as table:
            table.execute(
                "INSERT INTO tasks (id, text, queue, priority, due) VALUES (?, ?, ?, ?, ?)",
                (*row, time.time() + delay),
            )
        return message.id if self.flaw != "renames" else "task-1"

    async def status(self, task_id: str) -> TaskState:
        with opened(self.path) as table:
            found = table.execute(
                "SELECT status, result, error, failures + 1 FROM tasks WHERE id = ?", (task_id,)
            ).fetchone()
        if found is None:
            unknown = TaskStatus.PENDING if self.flaw == "knows_all" else TaskStatus.UNKNOWN
            return TaskState(task_id=task_id, status=unknown)
        status, result, error, attempts = found
        if self.flaw == "knows_no_limits" and status == "timed_out":
            status = "failed"
        return TaskState(
            task_id=task_id,
            status=TaskStatus(status),
            result=json.loads(result),
            error=error,
            attempts=attempts,
        )

    async def cancel(self, task_id: str) -> bool:
        with opened(self.path) as table:
            done = table.execute(
                "UPDATE tasks SET status = 'cancelled' WHERE id = ? AND status = 'pending'",
                (task_id,),
            )
        return done.rowcount > 0 or self.flaw == "promises_to_cancel"


class FarEngine(BareEngine):
    """One whose broker is at an address, and does not answer."""

    def __init__(self, place: str, flaw: str = "") -> None:
        super().__init__(":memory:", flaw)
        self.place = place

    async def submit(self, message: Message) -> str:
        user, _, address = self.place.rpartition("@")
        host, _, port = address.partition(":")
        if self.flaw == "blocks":
            time.sleep(1.5)  # noqa: ASYNC251
        try:
            with anyio.fail_after(1.0 if self.flaw != "waits" else 100.0):
                async with await anyio.connect_tcp(host, int(port)) as line:
                    await line.receive()
        except OSError as error:
            if self.flaw == "lets_errors_through":
                raise
            shown = f"{user}@{host}" if self.flaw == "shows_passwords" else host
            raise EngineUnavailable(f"bare: no broker at {shown}") from error
        return message.id


class BareWorker:
    """One task after another, each in a process of its own."""

    def __init__(self, path: str, flaw: str) -> None:
        self.path = path
        self.flaw = flaw
        probe_tasks()

    def work(self) -> None:
        with opened(self.path) as table:
            if self.flaw != "forgets_the_lost":
                self._count_crash(table, "*")
        while True:
            with opened(self.path) as table:
                order = "priority" if self.flaw == "turns_priorities" else "-priority"
                queue = "*" if self.flaw == "serves_all" else "default"
                claimed = table.execute(NEXT.format(order=order), (time.time(), queue)).fetchone()
            if claimed is None:
                time.sleep(0.01)
                continue
            child = os.fork()
            if child == 0:
                self._run(*claimed)
                os._exit(0)
            os.waitpid(child, 0)
            with opened(self.path) as table:
                self._count_crash(table, claimed[0])

    def _count_crash(self, table: sqlite3.Connection, of: str) -> None:
        most = {"gives_up": 1, "never_gives_up": sys.maxsize}.get(self.flaw, 3)
        table.execute(CRASHED, (most, of))

    def _run(self, task_id: str, text: str, failures: int) -> None:
        try:
            message = Message.decode(text)
            if self.flaw == "loses_keywords":
                message = replace(message, kwargs={})
            delivery = Delivery(message, failures=failures)
        except MessageRefused as error:
            logging.error("refused: %s", error)
            waits = "retrying" if self.flaw == "takes_again" else "failed"
            self._note(task_id, waits, failures, error=str(error), pause=2.0)
            return
        if self.flaw == "calls_on_the_loop":
            anyio.run(_call_here, delivery)
            self._note(task_id, "succeeded", failures)
            return
        verdict = anyio.run(delivery.make)
        if isinstance(verdict, Failed) and self.flaw == "logs_twice":
            logging.error("a task failed", exc_info=verdict.error)
        self._conclude(task_id, failures, verdict)

    def _conclude(self, task_id: str, failures: int, verdict: Outcome | Again) -> None:
        match verdict:
            case Succeeded(value=value):
                kept = None if self.flaw == "keeps_no_results" else value
                self._note(task_id, "succeeded", failures, result=kept)
            case Failed(error=error):
                said = "" if self.flaw == "keeps_no_errors" else f"{type(error).__name__}: {error}"
                self._note(task_id, "failed", failures, error=said)
            case TimedOut():
                self._note(task_id, "timed_out", failures)
            case Cancelled(reason=reason):
                self._note(task_id, "cancelled", failures, error=reason)
            case Again(delay=delay, attempts=attempts):
                pause = 0.0 if self.flaw == "retries_at_once" else delay
                self._note(task_id, "retrying", attempts, pause=pause)

    def _note(
        self,
        task_id: str,
        status: str,
        failures: int,
        *,
        result: Any = None,
        error: str | None = None,
        pause: float = 0.0,
    ) -> None:
        with opened(self.path) as table:
            table.execute(
                "UPDATE tasks SET status = ?, failures = ?, result = ?, error = ?, due = ? "
                "WHERE id = ?",
                (status, failures, json.dumps(result), error, time.time() + pause, task_id),
            )


async def _call_here(delivery: Delivery) -> None:
    call = delivery.call
    done = call.func(*call.args, **call.keywords)
    if call.is_async:
        await done


if __name__ == "__main__":
    BareWorker(*sys.argv[1:]).work()
