import asyncio
from pathlib import Path
from typing import Any

from celery import Celery
from postlude import task
from postlude.engines.celery import CeleryEngine
from reports import as_pdf, mail, total

REDIS = "redis://localhost:6379/0"
celery = Celery("shop", broker=REDIS, backend=REDIS)
engine = CeleryEngine(celery)


@task(timeout=30)
def process_payment(order_id: int, amount: float, card_token: str) -> dict[str, float]:
    print(f"charging {amount:.2f} for order {order_id}")
    if card_token == "tok_stolen":
        raise PermissionError("the bank refused the card")
    Path(f"order-{order_id}.status").write_text("paid")
    return {"order_id": order_id, "charged": amount}


@task(timeout=300)
async def generate_report(report_type: str, user_id: int) -> str:
    await asyncio.sleep(0.2)  # a slow database
    line = f"{report_type} sales: {total(report_type)}"
    mail(user_id, as_pdf(line))
    return line


async def state_of(task_id: str) -> dict[str, Any]:
    state = await engine.status(task_id)
    return {
        "task_id": task_id,
        "status": state.status,
        "result": state.result,
        "error": state.error,
    }
