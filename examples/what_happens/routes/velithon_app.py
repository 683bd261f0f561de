"""Velithon: how a handler is declared and added."""

# That a handler has no return annotation is what is asked.
# mypy: disable-error-code="arg-type, call-arg, no-untyped-def"
# Its type stubs describe other arguments than its classes take.
# pyright: reportArgumentType=false, reportCallIssue=false

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.responses import JSONResponse
from velithon.routing import Router


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:unannotated]
def unannotated() -> Velithon:
    app = Velithon()

    @app.get("/orders")
    async def orders():
        task = BackgroundTask(note, ("of the response",))
        return JSONResponse({"ok": True}, background=task)

    return app


# --8<-- [end:unannotated]
# --8<-- [start:twice]
def twice() -> Velithon:
    router = Router()

    @router.get("/orders")
    async def orders() -> JSONResponse:
        task = BackgroundTask(note, ("of the response",))
        return JSONResponse({"ok": True}, background=task)

    app = Velithon()
    app.include_router(router, prefix="/orders")
    return app


# --8<-- [end:twice]
