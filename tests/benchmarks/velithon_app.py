"""The same application for Velithon, which speaks RSGI: `granian --interface rsgi`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.benchmarks.work import WORK

if TYPE_CHECKING:
    from collections.abc import Callable

# A library whose type stubs know less than it does.
velithon: Any = import_module("velithon")
responses: Any = import_module("velithon.responses")
Task: Any = import_module("velithon.background").BackgroundTask

app: Any = velithon.Velithon(openapi_url=None)
app.update_log_config(log_level="ERROR")  # the others write no line for each request either


def _endpoint(kind: str) -> Callable[[], Any]:
    func, args = WORK[kind]

    async def answer() -> Any:
        return responses.PlainTextResponse("ok", background=Task(func, args))

    return answer


for each in WORK:
    app.get(f"/{each}")(_endpoint(each))
