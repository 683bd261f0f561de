"""What type checkers must accept: no line of this file is an error for either of them."""

from __future__ import annotations

import lilya.responses
import litestar
import postlude
import ravyn
import starlette.responses
import velithon.responses
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks import fastapi as on_fastapi
from postlude.frameworks import lilya as on_lilya
from postlude.frameworks import litestar as on_litestar
from postlude.frameworks import quart as on_quart
from postlude.frameworks import ravyn as on_ravyn
from postlude.frameworks import starlette as on_starlette
from postlude.frameworks import velithon as on_velithon
from quart import Quart
from starlette.applications import Starlette
from starlette.middleware import Middleware
from velithon import Velithon


async def send(to: str, *, copies: int = 1) -> None: ...


def write(line: str) -> int:
    return len(line)


fastapi_task = on_fastapi.BackgroundTask(send, "ada", copies=2)
fastapi_group = on_fastapi.BackgroundTasks([fastapi_task], max_concurrent=None)
JSONResponse({}, background=fastapi_task)
JSONResponse({}, background=fastapi_task.with_options(timeout=3))
JSONResponse({}, background=fastapi_group)

starlette_task = on_starlette.BackgroundTask(write, "line")
starlette_group = on_starlette.BackgroundTasks([starlette_task])
starlette.responses.JSONResponse({}, background=starlette_task)
starlette.responses.StreamingResponse(iter(()), background=starlette_group)

velithon_task = on_velithon.BackgroundTask(send, "ada", copies=2)
velithon_group = on_velithon.BackgroundTasks([velithon_task], max_concurrent=None)
velithon.responses.JSONResponse({}, background=velithon_task)
velithon.responses.JSONResponse({}, background=velithon_task.with_options(timeout=3))
velithon.responses.PlainTextResponse("done", background=velithon_group)
on_velithon.PostludeMiddleware(Velithon(), postlude.TaskRunner(), on_error_response="drop")

quart_app = Quart(__name__)
on_quart.PostludeExtension(quart_app, postlude.TaskRunner()).init_app(quart_app)


@quart_app.get("/")
@on_quart.after_response(postlude.BackgroundTask(send, "ada"))
async def quart_home() -> str:
    return "welcome"


litestar_task = on_litestar.BackgroundTask(send, "ada")
litestar_group = on_litestar.BackgroundTasks([litestar_task])
litestar.Response("done", background=litestar_task)
litestar.Response("done", background=litestar_group)


@litestar.get("/single", background=litestar_task)
async def litestar_single() -> None: ...


@litestar.get("/group", background=litestar_group)
@on_litestar.after_response(litestar_task)
async def litestar_several() -> None: ...


lilya_task = on_lilya.BackgroundTask(send, "ada")
lilya_group = on_lilya.BackgroundTasks([lilya_task])
lilya.responses.JSONResponse({}, background=lilya_task)
lilya.responses.JSONResponse({}, background=lilya_group)

ravyn_task = on_ravyn.BackgroundTask(send, "ada")
ravyn_group = on_ravyn.BackgroundTasks([ravyn_task])
ravyn.JSONResponse({}, background=ravyn_task)
ravyn.JSONResponse({}, background=ravyn_group)
ravyn.get("/", background=ravyn_task)
ravyn.get("/", background=ravyn_group)


async def takes_tasks(tasks: on_fastapi.Tasks) -> None:
    tasks.add_task(send, "ada", copies=2)
    length: int = len(tasks.tasks)
    print(length)


FastAPI().post("/tasks")(takes_tasks)
litestar.Litestar(
    [], plugins=[on_litestar.PostludePlugin(postlude.TaskRunner(), parameter="later")]
)

tasks = postlude.BackgroundTasks()
tasks.add_task(send, "ada", copies=2)
tasks.add_task(write, "line", retry_policy=postlude.RetryPolicy())
tasks.add(fastapi_task)


@postlude.after_response(tasks)
def handler(number: int) -> str:
    return str(number)


text: str = handler(3)


@postlude.RetryPolicy(2)
async def ask(question: str) -> int:
    return len(question)


def describe(outcome: postlude.Outcome) -> str:
    match outcome:
        case postlude.Succeeded():
            return "succeeded"
        case postlude.Failed(error=error):
            return str(error)
        case postlude.TimedOut(timeout=timeout):
            return str(timeout + 1)
        case postlude.Cancelled(reason=reason):
            return reason


def report_error(outcome: postlude.Failed | postlude.TimedOut) -> None:
    print(outcome.name)


runner = postlude.TaskRunner(drain_timeout=5, on_error=report_error, on_full="wait")
handle: postlude.TaskHandle = runner.submit(fastapi_task)
known: postlude.TaskHandle | None = runner.get(handle.id)
is_running: bool = handle.status == "running"
api = FastAPI(lifespan=runner.lifespan)
api.add_middleware(postlude.PostludeMiddleware, runner=runner)
api.mount("/shop", postlude.PostludeMiddleware(api, on_error_response="drop"))
Starlette(middleware=[Middleware(postlude.PostludeMiddleware, runner)], lifespan=runner.lifespan)
postlude.PostludeMiddleware(litestar.Litestar([], lifespan=[runner.lifespan]), runner)
postlude.PostludeMiddleware(ravyn.Ravyn(routes=[]))


async def supervise() -> tuple[postlude.Outcome, postlude.DrainReport]:
    async with runner:
        submitted = await fastapi_task.submit()
        postlude.current_tasks().add(fastapi_task)
        return await submitted.wait(), await runner.drain(1.5)
