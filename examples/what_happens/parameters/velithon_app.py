"""Velithon: parameters of a handler."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.responses import JSONResponse


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:single]
def single() -> Velithon:
    app = Velithon()

    @app.get("/single")
    async def visit(task: BackgroundTask) -> JSONResponse:
        return JSONResponse({"ok": True}, background=task)

    return app


# --8<-- [end:single]
# --8<-- [start:orders]
def orders() -> Velithon:
    app = Velithon()

    @app.get("/orders/{number}")
    async def show(number: int) -> JSONResponse:
        task = BackgroundTask(note, (f"of order {number}",))
        return JSONResponse({"number": number}, background=task)

    @app.post("/orders")
    async def place(data: dict[str, int]) -> JSONResponse:
        task = BackgroundTask(note, (f"of the new order {data['number']}",))
        return JSONResponse(data, background=task)

    return app


# --8<-- [end:orders]
