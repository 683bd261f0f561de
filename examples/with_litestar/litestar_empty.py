from collections.abc import AsyncIterator

from litestar import Litestar, get
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.background_tasks import BackgroundTasks as LitestarTasks
from litestar.response import Stream
from litestar.testing import TestClient
from postlude.frameworks.litestar import BackgroundTasks

ran: list[str] = []


class Outbox(LitestarTasks):
    def __init__(self) -> None:
        self.letters: list[LitestarTask] = []
        super().__init__(self.letters)

    def __len__(self) -> int:
        return len(self.letters)


@get("/litestar")
async def litestars() -> Stream:
    outbox = Outbox()

    async def pages() -> AsyncIterator[str]:
        yield "page 1"
        outbox.letters.append(LitestarTask(ran.append, "page 1 was sent"))

    return Stream(pages(), background=outbox)


@get("/postlude")
async def postludes() -> Stream:
    tasks = BackgroundTasks()

    async def pages() -> AsyncIterator[str]:
        yield "page 1"
        tasks.add_task(ran.append, "page 1 was sent")

    return Stream(pages(), background=tasks)


app = Litestar([litestars, postludes], logging_config=None)


with TestClient(app) as client:
    for path in ("/litestar", "/postlude"):
        client.get(path)
        print(f"{path:9}", "ran:", ", ".join(ran) or "nothing")
        ran.clear()
