"""What type checkers must refuse: each `type: ignore` here stands on an error for both of them.

The test takes the comments away and sees that exactly those lines are refused.
"""

from __future__ import annotations

import postlude
from fastapi.responses import JSONResponse
from postlude.frameworks import fastapi as on_fastapi
from postlude.frameworks import litestar as on_litestar
from postlude.frameworks import quart as on_quart
from postlude.frameworks import velithon as on_velithon
from velithon.responses import PlainTextResponse


async def send(to: str, *, copies: int = 1) -> None: ...


async def takes_tasks(tasks: on_fastapi.Tasks) -> None:
    tasks.add_task(send)  # type: ignore[call-overload]
    tasks.append(send)  # type: ignore[attr-defined]


def write(line: str) -> int:
    return len(line)


postlude.BackgroundTask(send)  # type: ignore[call-arg]
postlude.BackgroundTask(send, 3)  # type: ignore[arg-type]
postlude.BackgroundTask(send, "ada", copies="2")  # type: ignore[arg-type]
postlude.BackgroundTask(send, "ada", copy=2)  # type: ignore[call-arg]
postlude.BackgroundTask(write, "line", "line")  # type: ignore[call-arg]
postlude.BackgroundTask("write", "line")  # type: ignore[arg-type]
on_fastapi.BackgroundTask(write)  # type: ignore[call-arg]
JSONResponse({}, background=write)  # type: ignore[arg-type]
JSONResponse({}, background=on_fastapi.BackgroundTask)  # type: ignore[arg-type]

tasks = postlude.BackgroundTasks()
tasks.add_task(send)  # type: ignore[call-overload]
tasks.add_task(send, "ada", retry=3)  # type: ignore[call-arg]
tasks.add_task(write, "line", retry_policy=3)  # type: ignore[call-arg]
tasks.add(write)  # type: ignore[arg-type]
tasks.add(on_fastapi.BackgroundTask(write, "line"), 3)  # type: ignore[arg-type]
postlude.after_response()  # type: ignore[call-arg]
on_litestar.PostludePlugin("tasks")  # type: ignore[arg-type]
on_litestar.PostludePlugin(on_error_response="ignore")  # type: ignore[arg-type]
on_velithon.BackgroundTask(send, ("ada",))  # type: ignore[arg-type]
PlainTextResponse("", background=postlude.BackgroundTask(send, "ada"))  # type: ignore[arg-type]
on_velithon.PostludeMiddleware(write)  # type: ignore[arg-type]
on_quart.PostludeExtension("app")  # type: ignore[arg-type]
postlude.BackgroundTasks([write])  # type: ignore[list-item]
postlude.BackgroundTasks(None, 5)  # type: ignore[call-arg]
postlude.BackgroundTasks(max_concurrent="5")  # type: ignore[arg-type]
postlude.BackgroundTask(write, "line").with_options("name")  # type: ignore[call-arg]
postlude.BackgroundTask(write, "line").with_options(timeout="5")  # type: ignore[arg-type]
postlude.after_response(write)  # type: ignore[arg-type]
postlude.RetryPolicy(1, 1.0, 60.0, True, 2.0)  # type: ignore[call-arg]
postlude.RetryPolicy().max_retries = 3  # type: ignore[misc]

runner = postlude.TaskRunner()
runner.submit(write)  # type: ignore[arg-type]
runner.submit(tasks)  # type: ignore[arg-type]
postlude.TaskRunner(100)  # type: ignore[call-arg]
postlude.TaskRunner(on_full="drop")  # type: ignore[arg-type]
postlude.PostludeMiddleware(write)  # type: ignore[arg-type]
postlude.PostludeMiddleware(runner, on_error_response="ignore")  # type: ignore[arg-type]


@postlude.after_response(tasks)
def handler(number: int) -> str:
    return str(number)


handler("3")  # type: ignore[arg-type]


@postlude.RetryPolicy(2)
def ask(question: str) -> int:
    return len(question)


ask(3)  # type: ignore[arg-type]
