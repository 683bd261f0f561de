"""Ravyn: parameters of a handler."""

from examples.what_happens.told import tell
from ravyn import Gateway, JSONResponse, Ravyn, get, post
from ravyn.background import BackgroundTask


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:single]
def single() -> Ravyn:
    @get("/single")
    async def visit(task: BackgroundTask) -> JSONResponse:
        return JSONResponse({"ok": True}, background=task)

    return Ravyn(routes=[Gateway(handler=visit)])


# --8<-- [end:single]
# --8<-- [start:orders]
def orders() -> Ravyn:
    @get("/orders/{number}")
    async def show(number: int) -> JSONResponse:
        task = BackgroundTask(note, f"of order {number}")
        return JSONResponse({"number": number}, background=task)

    @post("/orders")
    async def place(data: dict[str, int]) -> JSONResponse:
        task = BackgroundTask(note, f"of the new order {data['number']}")
        return JSONResponse(data, background=task)

    return Ravyn(routes=[Gateway(handler=show), Gateway(handler=place)])


# --8<-- [end:orders]
