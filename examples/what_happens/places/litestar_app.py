"""Litestar: how a task is given."""

from examples.what_happens.told import tell
from litestar import Litestar, Response, get, post
from litestar.background_tasks import BackgroundTask

app = Litestar()


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
async def falsy() -> Response[dict[str, bool]]:
    outbox = Outbox()
    return Response({"ok": True}, background=outbox)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.register(falsy)


# --8<-- [end:falsy]
# --8<-- [start:status]
@post("/status")
async def status() -> Response[dict[str, bool]]:
    task = BackgroundTask(note, "of the response")
    return Response({"ok": True}, status_code=200, background=task)


app.register(status)


# --8<-- [end:status]
# --8<-- [start:arguments]
async def greet(greeting: str, *, name: str) -> None:
    tell(f"{greeting} {name}")


@get("/arguments")
async def arguments() -> Response[dict[str, bool]]:
    task = BackgroundTask(greet, "hello", name="Ada")
    return Response({"ok": True}, background=task)


app.register(arguments)


# --8<-- [end:arguments]
# --8<-- [start:types]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@get("/newsletter")
async def newsletter() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.register(newsletter)


# --8<-- [end:types]
