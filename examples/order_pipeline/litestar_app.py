from datetime import UTC, datetime

import audit_log
from fulfilment import orders, place, runner, state_of
from litestar import Litestar, Response, get, post
from litestar.exceptions import HTTPException
from postlude import PostludeMiddleware, current_tasks
from steps import courier_is_here

State = dict[str, str | dict[str, str]]


@post("/orders", status_code=202)
async def order(number: str, item: str) -> dict[str, str]:
    now = datetime.now(UTC)
    if number in orders:
        current_tasks().add_task(audit_log.write, now, number, f"refused: {item}")
        raise HTTPException("this number is taken", status_code=409)
    place(number, item)
    return {"status_url": f"/orders/{number}"}


@get("/orders/{number:str}")
async def status(number: str) -> Response[State]:
    state = state_of(number)
    return Response(state, status_code=404 if state["status"] == "unknown" else 200)


@post("/courier", status_code=202)
async def courier() -> dict[str, bool]:
    courier_is_here.set()
    return {"thanks": True}


@get("/audit")
async def audit(number: str) -> list[str]:
    return audit_log.events(number)


api = Litestar([order, status, courier, audit], logging_config=None)
app = PostludeMiddleware(api, runner)
