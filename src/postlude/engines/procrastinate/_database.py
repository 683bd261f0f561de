"""The connections of a procrastinate application, and the table beside its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import procrastinate
import psycopg
from postlude.engines.procrastinate import _table as sql
from procrastinate import exceptions
from psycopg import conninfo

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from psycopg_pool import AsyncConnectionPool


class Database:
    """The pool of an application, which is opened if nobody has."""

    errors: tuple[type[Exception], ...] = (psycopg.Error, exceptions.ConnectorException, OSError)

    def __init__(self, app: procrastinate.App) -> None:
        """Hold the application."""
        self._app = app
        self._has_table = False
        self._opening: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Host, port and name, without who asks and the password."""
        options: dict[str, Any] = self._connector._pool_args  # pyright: ignore[reportPrivateUsage]
        text: Any = options.get("conninfo", "")
        more: Any = options.get("kwargs") or {}
        if callable(text) or callable(more):  # made anew for each connection
            return "an unknown address"
        try:
            parts = conninfo.conninfo_to_dict(text, **more)
        except psycopg.Error:
            return "an unknown address"
        host = parts.get("host") or parts.get("hostaddr") or "localhost"
        return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"

    @asynccontextmanager
    async def transaction(
        self, theirs: psycopg.AsyncConnection[Any] | None = None
    ) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        """A connection, whose work is committed at the end of the block, unless it is theirs."""
        pool = await self._pool()
        if theirs is not None:
            yield theirs
            return
        async with pool.connection() as connection:
            yield connection

    async def _pool(self) -> AsyncConnectionPool[Any]:
        try:
            pool = self._connector.pool
        except exceptions.AppNotOpen:
            # One that takes too long goes on: the next task may find it done.
            if self._opening is None:
                self._opening = asyncio.create_task(self._open())
            await asyncio.shield(self._opening)
            pool = self._connector.pool
        if not self._has_table:
            async with pool.connection() as connection:
                row = await (await connection.execute(sql.IS_THERE)).fetchone()
                if row != (True,):
                    await connection.execute(sql.ALONE)
                    await connection.execute(sql.SCHEMA)
            self._has_table = True
        return pool

    async def _open(self) -> None:
        try:
            await self._app.open_async()
        except BaseException:
            # It would keep a pool that never opens again.
            await self._app.close_async()
            raise
        finally:
            self._opening = None

    @property
    def _connector(self) -> procrastinate.PsycopgConnector:
        connector = self._app.connector
        assert isinstance(connector, procrastinate.PsycopgConnector)
        return connector
