"""The file of a store: one connection to it, and its errors in our words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from postlude.errors import EngineUnavailable, StoreUnusable
from postlude.queue import _sqlite_schema

if TYPE_CHECKING:
    from postlude.errors import PostludeError

# With RETURNING.
_OLDEST = (3, 35)
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_PERM: "it may not be opened",
    sqlite3.SQLITE_AUTH: "it may not be opened",
    sqlite3.SQLITE_IOERR: "it could not be read or written, or the disk is full",
    sqlite3.SQLITE_CANTOPEN: "it could not be opened",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
}


class File:
    """Where a store keeps its tasks."""

    def __init__(self, path: Path, *, synchronous: str, place: str) -> None:
        """Prepare; nothing is opened before `connection`.

        Args:
            path: Where it is, also when the process goes to another directory.
            synchronous: Whether a commit waits for the disk.
            place: What to call it in messages.
        """
        self.path = path
        self.place = repr(place)
        self._directory = str(Path(place).parent)
        self._synchronous = synchronous
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def connection(self) -> sqlite3.Connection:
        """The connection, opened if need be; in any thread, but in one at a time.

        Raises:
            EngineUnavailable: There is no such directory, or the file may not be opened.
            StoreUnusable: The file is no store of this release.
            sqlite3.Error: SQLite says so.
        """
        if self._connection is not None:
            # What is written to a file that was deleted would be lost with the last who has it.
            if self._identity == _identity(self.path):
                return self._connection
            self.close()
        self._connection = self._opened()
        self._identity = _identity(self.path)
        return self._connection

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # A disk that fails now has failed before, and that was told.
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _opened(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreUnusable(
                f"this Python has SQLite {sqlite3.sqlite_version}, and 3.35 or later is needed"
            )
        if not self.path.parent.is_dir():
            raise EngineUnavailable(
                f"{self.place} could not be opened: there is no directory {self._directory!r}"
            )
        connection = sqlite3.connect(
            self.path, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            # Bytes that are no UTF-8 in one row must not hide the others.
            connection.text_factory = _text
            _sqlite_schema.check(connection, self.place)
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise EngineUnavailable(
                    f"{self.place} cannot have a write-ahead log: is it on a network file system?"
                )
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            _sqlite_schema.prepare(connection, self.place)
        except BaseException:
            connection.close()
            raise
        return connection

    def explain(self, error: sqlite3.Error) -> PostludeError:
        """An error of SQLite's as one of ours."""
        code = _code(error)
        if code == sqlite3.SQLITE_NOTADB:
            return StoreUnusable(f"{self.place} is no SQLite database: give the store another file")
        if code == sqlite3.SQLITE_CORRUPT:
            return StoreUnusable(
                f"{self.place} is damaged ({error}): restore it from a backup, or save what can be "
                "read with `sqlite3 FILE .recover`"
            )
        if code == sqlite3.SQLITE_ERROR:
            return StoreUnusable(f"{self.place} does not have the store's tables ({error})")
        words = _WORDS.get(code)
        detail = f"{error}, {getattr(error, 'sqlite_errorname', 'no code')}"
        said = f"{words} ({detail})" if words else detail
        return EngineUnavailable(f"{self.place} cannot be used: {said}")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection has the lock."""
    return _code(error) in _BUSY


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_INTERNAL)
    return int(code) & 0xFF  # without the detail


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
