"""Ravyn: how a task is given."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

from examples.what_happens.told import tell
from ravyn import JSONResponse, Ravyn, get, post
from ravyn.background import BackgroundTask, BackgroundTasks

app = Ravyn()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:falsy]
class Outbox:
    """Letters to send, and the task that sends them."""

    def __init__(self) -> None:
        self.letters: list[str] = []

    def __len__(self) -> int:
        return len(self.letters)

    async def __call__(self) -> None:
        tell(f"the outbox sends {len(self)} letters")


@get("/falsy")
async def falsy() -> JSONResponse:
    outbox = Outbox()
    return JSONResponse({"ok": True}, background=outbox)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.add_route("/", falsy)


# --8<-- [end:falsy]
# --8<-- [start:status]
@post("/status")
async def status() -> JSONResponse:
    task = BackgroundTask(note, "of the response")
    return JSONResponse({"ok": True}, status_code=200, background=task)


app.add_route("/", status)


# --8<-- [end:status]
# --8<-- [start:arguments]
async def greet(greeting: str, *, name: str) -> None:
    tell(f"{greeting} {name}")


@get("/arguments")
async def arguments() -> JSONResponse:
    task = BackgroundTask(greet, "hello", name="Ada")
    return JSONResponse({"ok": True}, background=task)


@get("/added")
async def added() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(greet, "hello", name="Bob")
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/", arguments)
app.add_route("/", added)


# --8<-- [end:arguments]
# --8<-- [start:types]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@get("/newsletter")
async def newsletter() -> JSONResponse:
    return JSONResponse({"ok": True}, background=Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.add_route("/", newsletter)


# --8<-- [end:types]
