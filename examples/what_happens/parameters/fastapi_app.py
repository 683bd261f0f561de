"""FastAPI: parameters of a handler."""

from examples.what_happens.told import tell
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:single]
def single() -> FastAPI:
    app = FastAPI()

    @app.get("/single")
    async def visit(task: BackgroundTask) -> JSONResponse:
        return JSONResponse({"ok": True}, background=task)

    return app


# --8<-- [end:single]
# --8<-- [start:orders]
def orders() -> FastAPI:
    app = FastAPI()

    @app.get("/orders/{number}")
    async def show(number: int) -> JSONResponse:
        task = BackgroundTask(note, f"of order {number}")
        return JSONResponse({"number": number}, background=task)

    @app.post("/orders")
    async def place(data: dict[str, int]) -> JSONResponse:
        task = BackgroundTask(note, f"of the new order {data['number']}")
        return JSONResponse(data, background=task)

    return app


# --8<-- [end:orders]
