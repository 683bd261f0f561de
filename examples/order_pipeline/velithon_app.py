from datetime import UTC, datetime
from typing import Annotated

import audit_log
from fulfilment import orders, place, runner, state_of
from postlude import current_tasks
from postlude.frameworks.velithon import PostludeMiddleware
from steps import courier_is_here
from velithon import Velithon
from velithon.params import Path, Query
from velithon.responses import JSONResponse

api = Velithon()
Number = Annotated[str, Query()]


@api.post("/orders")
async def order(number: Number, item: Annotated[str, Query()]) -> JSONResponse:
    now = datetime.now(UTC)
    if number in orders:
        current_tasks().add_task(audit_log.write, now, number, f"refused: {item}")
        return JSONResponse({"detail": "this number is taken"}, status_code=409)
    place(number, item)
    return JSONResponse({"status_url": f"/orders/{number}"}, status_code=202)


@api.get("/orders/{number}")
async def status(number: Annotated[str, Path()]) -> JSONResponse:
    state = state_of(number)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


@api.post("/courier")
async def courier() -> JSONResponse:
    courier_is_here.set()
    return JSONResponse({"thanks": True}, status_code=202)


@api.get("/audit")
async def audit(number: Number) -> list[str]:
    return audit_log.events(number)


app = PostludeMiddleware(api, runner)
