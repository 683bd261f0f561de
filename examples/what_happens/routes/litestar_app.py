"""Litestar: how a handler is declared and added."""

# That a handler has no return annotation is what is asked.
# mypy: disable-error-code="no-untyped-def"

from examples.what_happens.told import tell
from litestar import Litestar, Response, Router, get
from litestar.background_tasks import BackgroundTask


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:unannotated]
def unannotated() -> Litestar:
    @get("/orders")
    async def orders():
        task = BackgroundTask(note, "of the response")
        return Response({"ok": True}, background=task)

    return Litestar([orders])


# --8<-- [end:unannotated]
# --8<-- [start:twice]
def twice() -> Litestar:
    @get("/orders")
    async def orders() -> Response[dict[str, bool]]:
        task = BackgroundTask(note, "of the response")
        return Response({"ok": True}, background=task)

    return Litestar([Router("/orders", route_handlers=[orders])])


# --8<-- [end:twice]
