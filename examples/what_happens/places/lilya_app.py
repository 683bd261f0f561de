"""Lilya: how a task is given."""

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task, Tasks
from lilya.requests import Request
from lilya.responses import JSONResponse

app = Lilya()


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


async def falsy(request: Request) -> JSONResponse:
    outbox = Outbox()
    return JSONResponse({"ok": True}, background=outbox)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.add_route("/falsy", falsy)


# --8<-- [end:falsy]
# --8<-- [start:status]
async def status(request: Request) -> JSONResponse:
    task = Task(note, "of the response")
    return JSONResponse({"ok": True}, status_code=200, background=task)


app.add_route("/status", status, methods=["POST"])


# --8<-- [end:status]
# --8<-- [start:arguments]
async def greet(greeting: str, *, name: str) -> None:
    tell(f"{greeting} {name}")


async def arguments(request: Request) -> JSONResponse:
    task = Task(greet, "hello", name="Ada")
    return JSONResponse({"ok": True}, background=task)


async def added(request: Request) -> JSONResponse:
    tasks = Tasks()
    tasks.add_task(greet, "hello", name="Bob")
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/arguments", arguments)
app.add_route("/added", added)


# --8<-- [end:arguments]
# --8<-- [start:types]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


async def newsletter(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.add_route("/newsletter", newsletter)


# --8<-- [end:types]
