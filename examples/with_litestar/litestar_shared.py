from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.background_tasks import BackgroundTasks as LitestarTasks
from litestar.testing import TestClient
from postlude.frameworks.litestar import BackgroundTask, after_response

ran: list[str] = []
TASKS = [LitestarTask(ran.append, "handler's")]


@get("/shared", background=LitestarTasks(TASKS))
async def shared(visit: int) -> str:
    TASKS.append(LitestarTask(ran.append, f"visit {visit}"))
    return "welcome"


@get("/replaced", background=LitestarTask(ran.append, "handler's"))
async def replaced(visit: int) -> Response[str]:
    return Response("welcome", background=LitestarTask(ran.append, f"visit {visit}"))


@get("/decorated")
@after_response(BackgroundTask(ran.append, "handler's"))
async def decorated(visit: int) -> Response[str]:
    return Response("welcome", background=BackgroundTask(ran.append, f"visit {visit}"))


app = Litestar([shared, replaced, decorated], logging_config=None)


with TestClient(app) as client:
    for path in ("/shared", "/replaced", "/decorated"):
        for visit in (1, 2):
            client.get(path, params={"visit": visit})
            print(f"{path:10} {visit}", "ran:", ", ".join(ran))
            ran.clear()
