"""What changes tasks in a store's file, many at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._redelivery import Again
from postlude.queue._sqlite_order import Order
from postlude.queue._sqlite_schema import CANCELLED, FAILED, SUCCEEDED, TIMED_OUT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from typing import Self

    from postlude._message import Message
    from postlude._outcome import Outcome
    from postlude.protocols import Claim
    from postlude.queue._sqlite_order import Moment

# One statement for all rows, fed by one JSON text: each statement gives Python's lock away, and a
# busy event loop may take its time to give it back.
_ROWS = "(SELECT {columns} FROM json_each(?))"
_LARGEST = 2**63 - 1
# A longer error is a dump of something.
_MOST_ERROR = 10_000
_MOST_RESULT = 1_048_576


def rows(*names: str) -> str:
    """A subquery with a row for each list of a JSON list, which is its one parameter."""
    columns = (f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(names))
    return _ROWS.format(columns=", ".join(columns))


class Put(Order):
    """Store a task, unless its id is known."""

    __slots__ = ("row",)

    def __init__(self, message: Message, *, queue: str) -> None:
        """Write the message down.

        Raises:
            NotDispatchable: JSON cannot hold it.
        """
        super().__init__()
        text = message.encode()
        priority = max(-_LARGEST, min(_LARGEST, message.priority))
        self.row = message.id, message.name, queue, priority, message.delay, text
        self.size = len(text)

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """In the order they came."""
        connection.execute(_PUT, (moment.wall, moment.wall, json.dumps([o.row for o in orders])))


_PUT = f"""
INSERT INTO tasks (id, name, queue, priority, state, due_at, message, enqueued_at)
SELECT id, name, queue, priority, delay IS NOT NULL, ? + delay, message, ?
FROM {rows("id", "name", "queue", "priority", "delay", "message")} WHERE true
ON CONFLICT (id) DO NOTHING
"""


class Settle(Order):
    """Note what became of attempts; the result is the claims that are lost."""

    __slots__ = ("claims", "rows")
    rank: ClassVar[int] = 1

    def __init__(self, results: Sequence[tuple[Claim, Outcome | Again]]) -> None:
        """Write it down."""
        super().__init__()
        self.claims = [claim for claim, _ in results]
        self.rows = [(*of_claim(claim), *_facts(outcome)) for claim, outcome in results]

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """All at once; one by one only if a claim was lost."""
        rows = [row for order in orders for row in order.rows]
        held = iter(_settled(connection, rows, moment.wall))
        for order in orders:
            order.result = [claim for claim in order.claims if not next(held)]


_SETTLE = f"""
UPDATE tasks SET
    state = new.state,
    failures = failures + (new.state IN (0, 1, 4, 5)),
    due_at = :wall + new.delay,
    ended_at = iif(new.state > 2, :wall, NULL),
    attempts = new.attempts + crashes,
    is_dead = new.state IN (4, 5),
    error = new.error,
    result = new.result
FROM {rows("seq", "claims", "id", "state", "error", "result", "delay", "attempts")} AS new
WHERE tasks.seq = new.seq AND tasks.state = 2 AND tasks.claims = new.claims AND tasks.id = new.id
""".replace("?", ":rows")


_HELD = f"""
FROM {rows("seq", "claims", "id")} AS new
WHERE tasks.seq = new.seq AND tasks.state = 2 AND tasks.claims = new.claims AND tasks.id = new.id
""".replace("?", ":rows")
_LEASED = "UPDATE tasks SET leased_at = :steady, leased_until = :until"
_RENEW = f"{_LEASED} {_HELD} RETURNING seq, tasks.claims"
_BEGIN = f"{_LEASED}, started_at = :wall {_HELD} RETURNING seq, tasks.claims"


class Renew(Order):
    """Begin the lease of claims anew."""

    __slots__ = ("claims", "lease")
    rank: ClassVar[int] = 2
    statement: ClassVar[str] = _RENEW

    def __init__(self, claims: Collection[Claim], lease: float) -> None:
        """Name them."""
        super().__init__()
        self.claims = list(claims)
        self.lease = lease

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """The result of each is the claims that are lost."""
        for order in orders:
            values = {
                "wall": moment.wall,
                "steady": moment.steady,
                "until": moment.steady + order.lease,
            }
            held = connection.execute(
                cls.statement,
                values | {"rows": json.dumps([of_claim(claim) for claim in order.claims])},
            ).fetchall()
            tokens = {f"{seq}.{claims}" for seq, claims in held}
            order.result = [claim for claim in order.claims if claim.token not in tokens]


class Begin(Renew):
    """Note that suspects run from now on, and begin their lease anew."""

    __slots__ = ()
    statement: ClassVar[str] = _BEGIN


class Release(Order):
    """Give tasks back that were not done."""

    __slots__ = ("claims",)
    rank: ClassVar[int] = 3

    def __init__(self, claims: Collection[Claim]) -> None:
        """Name them."""
        super().__init__()
        self.claims = list(claims)

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """Those that are lost are another worker's."""
        claims = [of_claim(claim) for order in orders for claim in order.claims]
        connection.execute(f"UPDATE tasks SET state = 0 {_HELD}", {"rows": json.dumps(claims)})


class Cancel(Order):
    """End a task that has not begun; the result says whether it will not run."""

    __slots__ = ("task_id",)
    rank: ClassVar[int] = 4

    def __init__(self, task_id: str) -> None:
        """Name it."""
        super().__init__()
        self.task_id = task_id

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """One by one: they are rare."""
        for order in orders:
            cursor = connection.execute(_CANCEL, (moment.wall, order.task_id))
            order.result = cursor.rowcount == 1


_CANCEL = f"""
UPDATE tasks SET state = {CANCELLED}, ended_at = ?, error = 'it was cancelled',
    attempts = failures + crashes
WHERE id = ? AND state IN (0, 1)
"""


def _settled(connection: sqlite3.Connection, rows: Sequence[Any], wall: float) -> list[bool]:
    """Settle a claim for each row, and say of each whether it was still held."""
    connection.execute("SAVEPOINT all_rows")
    cursor = connection.execute(_SETTLE, {"wall": wall, "rows": json.dumps(rows)})
    held = [True] * len(rows)
    if cursor.rowcount != len(rows):
        connection.execute("ROLLBACK TO all_rows")
        for place, row in enumerate(rows):
            cursor = connection.execute(_SETTLE, {"wall": wall, "rows": json.dumps([row])})
            held[place] = cursor.rowcount == 1
    connection.execute("RELEASE all_rows")
    return held


def of_claim(claim: Claim) -> tuple[int, int, str]:
    """Where a claim's task is, which of its claims this is, and its id.

    A token of another store names no row.
    """
    seq, _, claims = claim.token.partition(".")
    try:
        return int(seq), int(claims), claim.message.id
    except ValueError:
        return -1, -1, claim.message.id


def said(error: BaseException) -> str:
    """An error in a line, also one that cannot say itself."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        text = type(error).__name__
    return text[:_MOST_ERROR].replace("\0", "\\0")  # where SQLite would cut it off


def _facts(outcome: Outcome | Again) -> tuple[int, str | None, str | None, float | None, int]:
    match outcome:
        case Succeeded(value=value, attempts=attempts):
            return SUCCEEDED, None, _as_json(value), None, attempts
        case Failed(error=error, attempts=attempts):
            return FAILED, said(error), None, None, attempts
        case TimedOut(timeout=timeout, attempts=attempts):
            return TIMED_OUT, f"it was not done within {timeout:g} s", None, None, attempts
        case Cancelled(reason=reason, attempts=attempts):
            return CANCELLED, reason, None, None, attempts
        case _:
            delay = outcome.delay if outcome.delay > 0 else None
            return int(delay is not None), said(outcome.error), None, delay, outcome.attempts


def _as_json(value: object) -> str | None:
    if value is None:
        return None
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if len(text) <= _MOST_RESULT else None
