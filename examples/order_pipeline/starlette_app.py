from datetime import UTC, datetime

import audit_log
from fulfilment import orders, place, runner, state_of
from postlude import PostludeMiddleware, current_tasks
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from steps import courier_is_here


async def order(request: Request) -> JSONResponse:
    now = datetime.now(UTC)
    number, item = request.query_params["number"], request.query_params["item"]
    if number in orders:
        current_tasks().add_task(audit_log.write, now, number, f"refused: {item}")
        raise HTTPException(409, detail="this number is taken")
    place(number, item)
    return JSONResponse({"status_url": f"/orders/{number}"}, status_code=202)


async def status(request: Request) -> JSONResponse:
    state = state_of(request.path_params["number"])
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


async def courier(_: Request) -> JSONResponse:
    courier_is_here.set()
    return JSONResponse({"thanks": True}, status_code=202)


async def audit(request: Request) -> JSONResponse:
    return JSONResponse(audit_log.events(request.query_params["number"]))


api = Starlette(
    routes=[
        Route("/orders", order, methods=["POST"]),
        Route("/orders/{number}", status),
        Route("/courier", courier, methods=["POST"]),
        Route("/audit", audit),
    ]
)
app = PostludeMiddleware(api, runner)
