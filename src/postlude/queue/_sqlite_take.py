"""Claims: what gives tasks to workers, and what keeps the file tidy for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from postlude._message import Message
from postlude.errors import MessageRefused
from postlude.protocols import Claim
from postlude.queue._sqlite_moves import Release
from postlude.queue._sqlite_order import Order
from postlude.queue._sqlite_watch import IS_LOST, IS_RIPE, may_claim

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from typing import Self

    from postlude.queue._sqlite_order import Moment

# So many at most become due, or are forgotten, in one transaction.
AT_ONCE = 1000


class Terms:
    """On which terms a store gives tasks away."""

    def __init__(self, *, lease: float, max_crashes: int, retention: float) -> None:
        """Hold them."""
        self.lease = lease
        self.max_crashes = max_crashes
        self.retention = retention


class Take(Order):
    """Take tasks that are due; the result is the claims."""

    __slots__ = ("limit", "queue", "terms", "types", "worker")
    rank: ClassVar[int] = 9

    def __init__(
        self,
        terms: Terms,
        *,
        worker: str,
        queue: str,
        types: Collection[str] | None,
        limit: int,
    ) -> None:
        """Say which, and how many."""
        super().__init__()
        self.terms = terms
        self.worker = worker
        self.queue = queue
        self.types = None if types is None else json.dumps(sorted(types))
        self.limit = limit
        self.result: list[Claim] = []

    def drop(self) -> Order | None:
        """Claims that nobody has taken are for others."""
        return Release(self.result) if self.result else None

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """First come, first served."""
        _tidy(connection, orders[0].terms, moment)
        for order in orders:
            order.result = []
            while len(order.result) < order.limit and order.fill(connection, moment):
                pass

    def fill(self, connection: sqlite3.Connection, moment: Moment) -> bool:
        """Take what is missing.

        Returns:
            Whether there may be more, since some of it was no task.
        """
        values = {
            "worker": self.worker,
            "steady": moment.steady,
            "until": moment.steady + self.terms.lease,
            "wall": moment.wall,
            "queue": self.queue,
            "types": self.types,
            "limit": self.limit - len(self.result),
        }
        statement = CLAIM if self.types is None else CLAIM_TYPES
        found = sorted(connection.execute(statement, values).fetchall(), key=_turn)
        refused = False
        for row in found:
            try:
                self.result.append(_claim(row))
            except MessageRefused as error:
                refused = True
                connection.execute(_REFUSE, (moment.wall, f"MessageRefused: {error}", row[0]))
        return refused

    def is_vain(self, connection: sqlite3.Connection, moment: Moment) -> bool:
        """Whether there is nothing to claim, and nothing to tidy up."""
        if may_claim(connection, self.queue, self.types, moment):
            return False
        values = {"before": moment.wall - self.terms.retention}
        (found,) = connection.execute(f"SELECT EXISTS ({_OLD} LIMIT 1)", values).fetchone()
        return not found


def _turn(row: Any) -> tuple[int, int]:
    priority = row[2]
    return -priority if isinstance(priority, int) else 0, row[0]


def _claim(row: Any) -> Claim:
    seq, claims, _, task_id, text, failures, crashes = row
    message = Message.decode(text)
    if message.id != task_id:
        raise MessageRefused(f"the message of task {message.id!r} in place of {task_id!r}")
    if not all(isinstance(number, int) for number in (claims, failures, crashes)):
        raise MessageRefused(f"a task with {failures!r} failures and {crashes!r} crashes")
    return Claim(message=message, failures=failures, crashes=crashes, token=f"{seq}.{claims}")


def _tidy(connection: sqlite3.Connection, terms: Terms, moment: Moment) -> None:
    values = {
        "wall": moment.wall,
        "steady": moment.steady,
        "most": terms.max_crashes,
        "limit": AT_ONCE,
        "before": moment.wall - terms.retention,
    }
    # Most times there is nothing to do, and one look tells.
    found = connection.execute(_UNTIDY, values).fetchone()
    for is_there, statement in zip(found, (LOSE, RIPEN, FORGET), strict=True):
        if is_there:
            connection.execute(statement, values)


_SET = """
UPDATE tasks SET state = 2, claims = claims + 1, worker = :worker, leased_at = :steady,
    leased_until = :until, started_at = iif(crashes > 0, NULL, :wall)
WHERE seq IN
"""
_RETURNING = "RETURNING seq, claims, priority, id, CAST(message AS BLOB), failures, crashes"
CLAIM = f"""
{_SET} (
    SELECT seq FROM tasks WHERE state = 0 AND queue = :queue
    ORDER BY priority DESC, seq LIMIT :limit
) {_RETURNING}
"""
# The first of each type, and of these the first: no row of another type is looked at.
CLAIM_TYPES = f"""
{_SET} (
    SELECT task.seq FROM json_each(:types) AS wanted CROSS JOIN tasks AS task
    WHERE task.seq IN (
        SELECT seq FROM tasks WHERE state = 0 AND queue = :queue AND name = wanted.value
        ORDER BY priority DESC, seq LIMIT :limit
    )
    ORDER BY task.priority DESC, task.seq LIMIT :limit
) {_RETURNING}
"""
_OLD = "SELECT seq FROM tasks WHERE state > 2 AND is_dead = 0 AND ended_at < :before"
_UNTIDY = f"""
SELECT EXISTS (SELECT 1 FROM tasks WHERE {IS_LOST}),
    EXISTS (SELECT 1 FROM tasks WHERE {IS_RIPE}),
    EXISTS ({_OLD})
"""
# A suspect that has not begun was not to blame.
LOSE = f"""
UPDATE tasks SET crashes = new.crashes,
    state = iif(new.crashes >= :most, 4, 0),
    is_dead = new.crashes >= :most,
    ended_at = iif(new.crashes >= :most, :wall, NULL),
    attempts = failures + new.crashes,
    error = iif(new.crashes < :most, error,
        new.crashes || iif(new.crashes = 1, ' worker was', ' workers were') || ' lost with it')
FROM (
    SELECT seq, crashes + (started_at IS NOT NULL) AS crashes FROM tasks WHERE {IS_LOST}
) AS new
WHERE tasks.seq = new.seq
"""
RIPEN = f"""
UPDATE tasks SET state = 0, due_at = NULL
WHERE seq IN (SELECT seq FROM tasks WHERE {IS_RIPE} ORDER BY due_at LIMIT :limit)
"""
FORGET = f"DELETE FROM tasks WHERE seq IN ({_OLD} LIMIT :limit)"
_REFUSE = "UPDATE tasks SET state = 4, is_dead = 1, ended_at = ?, error = ? WHERE seq = ?"
