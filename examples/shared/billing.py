from typing import Any

from invoices import book, send_invoice
from postlude.engines.taskiq import TaskiqEngine
from taskiq_redis import RedisStreamBroker

__all__ = ["book", "broker", "close", "engine", "send_invoice", "state_of"]

broker = RedisStreamBroker("redis://localhost:6379/0")
engine = TaskiqEngine(broker)


async def state_of(task_id: str) -> dict[str, Any]:
    state = await engine.status(task_id)
    return {
        "task_id": task_id,
        "status": state.status,
        "result": state.result,
        "error": state.error,
    }


async def close() -> None:
    await broker.shutdown()
