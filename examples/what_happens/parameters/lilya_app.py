"""Lilya: parameters of a handler."""

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task
from lilya.responses import JSONResponse
from lilya.routing import Path


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:single]
def single() -> Lilya:
    async def visit(task: Task) -> JSONResponse:
        return JSONResponse({"ok": True}, background=task)

    return Lilya(routes=[Path("/single", visit)])


# --8<-- [end:single]
# --8<-- [start:orders]
def orders() -> Lilya:
    async def show(number: int) -> JSONResponse:
        task = Task(note, f"of order {number}")
        return JSONResponse({"number": number}, background=task)

    async def place(data: dict[str, int]) -> JSONResponse:
        task = Task(note, f"of the new order {data['number']}")
        return JSONResponse(data, background=task)

    return Lilya(
        routes=[
            Path("/orders/{number:int}", show),
            Path("/orders", place, methods=["POST"]),
        ]
    )


# --8<-- [end:orders]
