import logging
from typing import Any

from invoices import book, send_invoice
from postlude.engines.procrastinate import ProcrastinateEngine
from procrastinate import App, PsycopgConnector

__all__ = ["DATABASE", "app", "book", "close", "engine", "send_invoice", "state_of"]

for chatty in ("procrastinate.jobs", "psycopg.pool"):
    logging.getLogger(chatty).setLevel(logging.ERROR)

DATABASE = "postgresql://postgres@localhost:5432/postgres"
app = App(connector=PsycopgConnector(conninfo=DATABASE))
engine = ProcrastinateEngine(app, timeout=2)


async def state_of(task_id: str) -> dict[str, Any]:
    state = await engine.status(task_id)
    return {
        "task_id": task_id,
        "status": state.status,
        "result": state.result,
        "error": state.error,
    }


async def close() -> None:
    await engine.close()
