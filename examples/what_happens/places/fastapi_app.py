"""FastAPI: how a task is given."""

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

app = FastAPI()


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


@app.get("/falsy")
async def falsy() -> JSONResponse:
    outbox = Outbox()
    return JSONResponse({"ok": True}, background=outbox)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# --8<-- [end:falsy]
# --8<-- [start:status]
@app.post("/status")
async def status() -> JSONResponse:
    task = BackgroundTask(note, "of the response")
    return JSONResponse({"ok": True}, status_code=200, background=task)


# --8<-- [end:status]
# --8<-- [start:arguments]
async def greet(greeting: str, *, name: str) -> None:
    tell(f"{greeting} {name}")


@app.get("/arguments")
async def arguments() -> JSONResponse:
    task = BackgroundTask(greet, "hello", name="Ada")
    return JSONResponse({"ok": True}, background=task)


@app.get("/added")
async def added(tasks: BackgroundTasks) -> JSONResponse:
    tasks.add_task(greet, "hello", name="Bob")
    return JSONResponse({"ok": True})


# --8<-- [end:arguments]
# --8<-- [start:types]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@app.get("/newsletter")
async def newsletter() -> JSONResponse:
    return JSONResponse({"ok": True}, background=Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# --8<-- [end:types]
