"""How long a request waits for what the log shows above it: no longer than a reader would see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from proofread._model import Page, Result
from proofread._settings import Limits
from proofread._story import Story, stories

Collect = Callable[[Path], Page]
Tell = Callable[[Story, Limits], list[Result]]

APP = """\
```python title="late.py"
import asyncio

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def after() -> None:
    await asyncio.sleep(0.2)
    print("after")


async def late(request: Request) -> PlainTextResponse:
    print("asked")
    return PlainTextResponse("Hello", background=BackgroundTask(after))


app = Starlette(routes=[Route("/late", late)])
```

```console
$ uvicorn late:app
```

"""
REQUEST = "```http\nGET /late HTTP/1.1\n\nHTTP/1.1 200 OK\n\nHello\n```\n\n"
LINES = 'asked\nINFO: ... "GET /late HTTP/1.1" 200 OK\nafter\n'


def test_what_the_handler_itself_prints_is_waited_for_once(
    collect: Collect, tell: Tell, tmp_path: Path
) -> None:
    page = tmp_path / "late.md"
    log = f'```text title="Server log"\n{LINES * 8}```\n'
    page.write_text(APP + REQUEST * 8 + log, encoding="utf-8")
    [story] = stories(collect(page))
    results = tell(story, Limits())
    assert [result.problems for result in results] == [[]] * 11
    waited = sum(result.duration for result in results if result.role == "http")
    # Seven times 0.2 s for the task before. Half a second more for each, if the line that its own
    # handler is yet to print were waited for.
    assert 1.4 <= waited < 4
