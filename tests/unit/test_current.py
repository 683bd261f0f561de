"""request_id: from the request's header to everything that is said of its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postlude import (
    Cancelled,
    PostludeMiddleware,
    TaskEnded,
    TaskRunner,
    current_tasks,
    request_id,
)

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from postlude import TaskEvent

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


def fail() -> None:
    raise ValueError(request_id.get())


async def answer(scope: Any, receive: Any, send: Any) -> None:
    current_tasks().add_task(fail)
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ask(headers: dict[str, str], **options: Any) -> list[TaskEvent]:
    """What is told of the tasks of one request."""
    told: list[TaskEvent] = []
    async with TaskRunner(monitor=told.append) as runner:
        app = PostludeMiddleware(answer, runner, **options)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            await client.get("http://test/", headers=headers)
    assert request_id.get() is None
    return told


async def test_the_header_is_in_the_task_its_events_and_its_log_records(records: Records) -> None:
    told = await ask({"X-Request-ID": "req-7"})
    assert [event.request_id for event in told] == ["req-7"] * 3
    assert isinstance(told[-1], TaskEnded)
    assert str(getattr(told[-1].outcome, "error", None)) == "req-7"
    assert [vars(record)["request_id"] for record in records() if record.levelname == "ERROR"] == [
        "req-7"
    ]


@pytest.mark.parametrize("header", [None, "", "a\tb", "x" * 129, "\xe9"])
async def test_no_header_or_one_that_a_log_would_choke_on_is_no_id(header: str | None) -> None:
    headers = {} if header is None else {"X-Request-ID": header.encode("latin-1")}
    told = await ask(headers)  # type: ignore[arg-type]
    assert [event.request_id for event in told] == [None] * 3


async def test_a_task_that_is_dropped_with_its_request_has_ended() -> None:
    told = await ask({}, on_error_response="drop")
    assert isinstance(told[-1], TaskEnded)
    assert isinstance(told[-1].outcome, Cancelled)
    assert told[-1].outcome.reason == "it was dropped, since the request failed"
