"""Who waits for something to claim, and when to wake them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from postlude.queue._sqlite_order import Moment, Order, wake

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection


class Look(Order):
    """Waits until there may be something to claim."""

    __slots__ = ("key",)

    def __init__(self, queue: str, types: Collection[str] | None) -> None:
        """Wait for tasks of a queue, of these names or of all."""
        super().__init__()
        self.key = queue, None if types is None else json.dumps(sorted(types))


class Watch:
    """All who wait, in the thread that has the connection.

    Attributes:
        looks: Who waits.
        is_stale: Whether this process has committed since the last look.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.looks: list[Look] = []
        self.is_stale = True
        self._seen: tuple[object, int] | None = None
        self._next = Moment(0.0, 0.0)

    def add(self, look: Look) -> None:
        """Have one more."""
        self.looks.append(look)
        self.is_stale = True

    def emptied(self) -> list[Look]:
        """Have none any more; those who were there are to hear why."""
        looks, self.looks = self.looks, []
        return looks

    def look(self, connection: sqlite3.Connection) -> None:
        """Wake those for whom there may be something."""
        self.looks = [look for look in self.looks if not look.is_abandoned]
        if not self.looks:
            return
        moment = Moment.now()
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        seen = connection, version
        is_due = moment.wall >= self._next.wall or moment.steady >= self._next.steady
        if not (self.is_stale or is_due or seen != self._seen):
            return
        self.is_stale, self._seen = False, seen
        due, ends = connection.execute(_NEXT).fetchone()
        self._next = Moment(_or_never(due), _or_never(ends))
        found = {
            key: may_claim(connection, *key, moment) for key in {look.key for look in self.looks}
        }
        woken = [look for look in self.looks if found[look.key]]
        self.looks = [look for look in self.looks if not found[look.key]]
        wake(woken)


def may_claim(
    connection: sqlite3.Connection, queue: str, types: str | None, moment: Moment
) -> bool:
    """Whether a claim for tasks of these names (a JSON list) may find one."""
    values = {"queue": queue, "types": types, "wall": moment.wall, "steady": moment.steady}
    (found,) = connection.execute(_MAY if types is None else _MAY_TYPES, values).fetchone()
    return bool(found)


def _or_never(value: float | None) -> float:
    return float("inf") if value is None else value


_NEXT = """
SELECT (SELECT min(due_at) FROM tasks WHERE state = 1),
    (SELECT min(leased_until) FROM tasks WHERE state = 2)
"""
# A lease that began in the future is of a time before the computer was started anew.
IS_LOST = "state = 2 AND (leased_until <= :steady OR leased_at > :steady)"
IS_RIPE = "state = 1 AND due_at <= :wall"
_SOON = f"""
OR EXISTS (SELECT 1 FROM tasks WHERE {IS_RIPE} AND queue = :queue)
OR EXISTS (SELECT 1 FROM tasks WHERE {IS_LOST} AND queue = :queue)
"""
_MAY = f"SELECT EXISTS (SELECT 1 FROM tasks WHERE state = 0 AND queue = :queue) {_SOON}"
_MAY_TYPES = f"""
SELECT EXISTS (
    SELECT 1 FROM json_each(:types) AS wanted CROSS JOIN tasks
    WHERE state = 0 AND queue = :queue AND tasks.name = wanted.value
) {_SOON}
"""
