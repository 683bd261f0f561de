"""Postlude on Ravyn, with its middleware: how a handler is declared and added."""

# That a handler has no return annotation is what is asked.
# mypy: disable-error-code="no-untyped-def"
# Not all of Ravyn's methods have types.
# pyright: reportUnknownMemberType=false

from examples.what_happens.told import tell
from postlude import PostludeMiddleware
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:unannotated]
def unannotated() -> PostludeMiddleware:
    @get("/orders")
    async def orders():
        task = BackgroundTask(note, "of the response")
        return JSONResponse({"ok": True}, background=task)

    return PostludeMiddleware(Ravyn(routes=[Gateway(handler=orders)]))


# --8<-- [end:unannotated]
# --8<-- [start:twice]
def twice() -> PostludeMiddleware:
    @get("/orders")
    async def orders() -> JSONResponse:
        task = BackgroundTask(note, "of the response")
        return JSONResponse({"ok": True}, background=task)

    app = Ravyn()
    app.add_route("/orders", orders)
    return PostludeMiddleware(app)


# --8<-- [end:twice]
