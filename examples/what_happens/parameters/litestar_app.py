"""Litestar: parameters of a handler."""

from examples.what_happens.told import tell
from litestar import Litestar, Response, get, post
from litestar.background_tasks import BackgroundTask


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:single]
def single() -> Litestar:
    @get("/single")
    async def visit(task: BackgroundTask) -> Response[dict[str, bool]]:
        return Response({"ok": True}, background=task)

    return Litestar([visit])


# --8<-- [end:single]
# --8<-- [start:orders]
def orders() -> Litestar:
    @get("/orders/{number:int}")
    async def show(number: int) -> Response[dict[str, int]]:
        task = BackgroundTask(note, f"of order {number}")
        return Response({"number": number}, background=task)

    @post("/orders")
    async def place(data: dict[str, int]) -> Response[dict[str, int]]:
        task = BackgroundTask(note, f"of the new order {data['number']}")
        return Response(data, background=task)

    return Litestar([show, place])


# --8<-- [end:orders]
