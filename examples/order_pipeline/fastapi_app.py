from datetime import UTC, datetime

import audit_log
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from fulfilment import orders, place, runner, state_of
from postlude import PostludeMiddleware, current_tasks
from steps import courier_is_here

api = FastAPI()


@api.post("/orders", status_code=202)
async def order(number: str, item: str) -> dict[str, str]:
    now = datetime.now(UTC)
    if number in orders:
        current_tasks().add_task(audit_log.write, now, number, f"refused: {item}")
        raise HTTPException(409, detail="this number is taken")
    place(number, item)
    return {"status_url": f"/orders/{number}"}


@api.get("/orders/{number}")
async def status(number: str) -> JSONResponse:
    state = state_of(number)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


@api.post("/courier", status_code=202)
async def courier() -> dict[str, bool]:
    courier_is_here.set()
    return {"thanks": True}


@api.get("/audit")
async def audit(number: str) -> list[str]:
    return audit_log.events(number)


app = PostludeMiddleware(api, runner)
