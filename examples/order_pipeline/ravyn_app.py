from datetime import UTC, datetime

import audit_log
from fulfilment import orders, place, runner, state_of
from postlude import PostludeMiddleware, current_tasks
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, get, post
from steps import courier_is_here


@post("/orders")
async def order(number: str, item: str) -> JSONResponse:
    now = datetime.now(UTC)
    if number in orders:
        current_tasks().add_task(audit_log.write, now, number, f"refused: {item}")
        raise HTTPException("this number is taken", status_code=409)
    place(number, item)
    return JSONResponse({"status_url": f"/orders/{number}"}, status_code=202)


@get("/orders/{number}")
async def status(number: str) -> JSONResponse:
    state = state_of(number)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


@post("/courier")
async def courier() -> JSONResponse:
    courier_is_here.set()
    return JSONResponse({"thanks": True}, status_code=202)


@get("/audit")
async def audit(number: str) -> JSONResponse:
    return JSONResponse(audit_log.events(number))


api = Ravyn(routes=[Gateway(handler=each) for each in (order, status, courier, audit)])
app = PostludeMiddleware(api, runner)
