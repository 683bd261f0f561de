"""The application of the contract, on Ravyn."""

# Ravyn's route decorators carry no types.
# mypy: disable-error-code="untyped-decorator"
# pyright: reportUnknownVariableType=false

# Annotations are not postponed, since Ravyn wants `None` itself and not the text of it.

import postlude
from postlude.frameworks.ravyn import BackgroundTask, BackgroundTasks, after_response
from ravyn import Gateway, JSONResponse, Ravyn, WebSocketGateway, get, websocket
from ravyn.websockets import WebSocket
from tests.frameworks.probe import boom, note, note_async

KEPT = JSONResponse({})


@get("/group")
async def group() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    return JSONResponse({}, background=tasks)


@get("/decorated")
@after_response(BackgroundTask(note_async, "handler"))
async def decorated() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(note, "response"))


@get("/kept")
@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
def kept() -> JSONResponse:
    return KEPT


@get("/plain")
@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


ROUTE = BackgroundTasks([BackgroundTask(boom, "hunter2"), BackgroundTask(note, "route")])


@get("/handler", background=ROUTE)
async def handler() -> dict[str, str]:
    return {}


@websocket("/socket")
@after_response(BackgroundTask(note_async, "socket"))
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    while await socket.receive_text() != "close":
        await socket.send_text("still here")
    await socket.close()


HANDLERS = [group, decorated, kept, plain, handler]
app = Ravyn(routes=[*(Gateway(handler=each) for each in HANDLERS), WebSocketGateway(handler=talk)])
supervised = postlude.PostludeMiddleware(app)
