"""Tracing: a span for each task, linked to the one it was created in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from postlude import (
    BackgroundTask,
    RetryPolicy,
    Subscription,
    TaskEvent,
    TaskRetried,
    TaskRunner,
    request_id,
    subscribe,
)
from postlude.instrumentation.opentelemetry import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

pytestmark = pytest.mark.anyio


class Traced:
    """A tracer, and the spans that have ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("tests")

    def span(self, name: str) -> ReadableSpan:
        (span,) = [one for one in self._exporter.get_finished_spans() if one.name == name]
        return span


def ids(span: ReadableSpan) -> tuple[int, int]:
    """The ids of its trace and of itself."""
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


@pytest.fixture
def traced() -> Traced:
    return Traced()


def fail() -> None:
    raise ValueError("bad")


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize("supervised", [False, True])
async def test_a_task_has_a_span_of_its_own_that_its_function_sees(
    in_thread: bool, supervised: bool, traced: Traced
) -> None:
    def query() -> None:
        with traced.tracer.start_as_current_span("query"):
            pass

    async def query_async() -> None:
        query()

    work: Callable[[], object] = query if in_thread else query_async
    with subscribe(Tracing(traced.provider)):
        async with TaskRunner() as runner:
            with traced.tracer.start_as_current_span("request"):
                token = request_id.set("req-7")
                task = BackgroundTask(work).with_options(name="work", task_id="7f3a")
                request_id.reset(token)
                await (runner.submit(task).wait() if supervised else task())
                assert trace.get_current_span().is_recording()
    request, own, inner = traced.span("request"), traced.span("work"), traced.span("query")
    assert own.parent is None
    assert ids(own)[0] != ids(request)[0]
    assert [link.context.span_id for link in own.links] == [ids(request)[1]]
    assert inner.parent is not None
    assert inner.parent.span_id == ids(own)[1]
    assert own.attributes == {
        "postlude.task.id": "7f3a",
        "postlude.task.name": "work",
        "postlude.task.attempts": 1,
        "postlude.task.outcome": "succeeded",
        "postlude.request.id": "req-7",
    }
    assert own.status.status_code is trace.StatusCode.UNSET


async def test_all_attempts_are_events_of_one_span(traced: Traced) -> None:
    spans: list[int] = []

    def flaky() -> None:
        spans.append(trace.get_current_span().get_span_context().span_id)
        if len(spans) < 3:
            raise OSError("busy")

    policy = RetryPolicy(max_retries=2, initial_delay=0.0)
    with subscribe(Tracing(traced.provider)):
        await BackgroundTask(flaky).with_options(retry_policy=policy)()
    span = traced.span("flaky")
    assert spans == [ids(span)[1]] * 3
    assert [event.name for event in span.events] == [
        "attempt",
        "exception",
        "attempt",
        "exception",
        "attempt",
    ]
    assert not span.links


async def test_a_failure_is_recorded_and_is_the_spans_status(traced: Traced) -> None:
    with subscribe(Tracing(traced.provider)):
        await BackgroundTask(fail)()
        await BackgroundTask(anyio.sleep, 60).with_options(timeout=0.01)()
    failed = traced.span("fail")
    assert failed.status.status_code is trace.StatusCode.ERROR
    assert failed.status.description == "ValueError"
    (event,) = [event for event in failed.events if event.name == "exception"]
    assert event.attributes is not None
    assert event.attributes["exception.message"] == "bad"
    late = traced.span("sleep")
    assert late.status.description == "its limit is 0.01 s per attempt"
    assert late.attributes is not None
    assert late.attributes["postlude.task.outcome"] == "timed_out"


async def test_a_task_that_another_one_creates_is_linked_to_that_one(traced: Traced) -> None:
    async with TaskRunner(monitor=Tracing(traced.provider)) as runner:

        async def outer() -> None:
            runner.submit(BackgroundTask(fail))

        await runner.submit(BackgroundTask(outer)).wait()
    inner, outer_span = traced.span("fail"), traced.span("outer")
    assert [link.context.span_id for link in inner.links] == [ids(outer_span)[1]]
    assert ids(inner)[0] != ids(outer_span)[0]


async def test_a_task_that_is_never_called_has_a_span_that_says_so(traced: Traced) -> None:
    async with TaskRunner(monitor=Tracing(traced.provider)) as runner:
        runner.submit(BackgroundTask(fail)).cancel()
    attributes = traced.span("fail").attributes
    assert attributes is not None
    assert attributes["postlude.task.outcome"] == "cancelled"
    assert attributes["postlude.task.cancelled_because"] == "its handle was told to cancel"


async def test_a_task_that_never_starts_leaves_the_span_of_its_creator_alone(
    traced: Traced,
) -> None:
    async with TaskRunner(monitor=Tracing(traced.provider)) as runner:

        async def outer() -> None:
            runner.submit(BackgroundTask(fail)).cancel()
            assert trace.get_current_span().is_recording()

        await runner.submit(BackgroundTask(outer)).wait()
    attributes = traced.span("outer").attributes
    assert attributes is not None
    assert attributes["postlude.task.outcome"] == "succeeded"
    assert [link.context.span_id for link in traced.span("fail").links] == [
        ids(traced.span("outer"))[1]
    ]


async def test_a_tracer_that_comes_between_two_attempts_tells_the_end(traced: Traced) -> None:
    attempts: list[int] = []

    def flaky() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise ValueError("busy")

    def listen(event: TaskEvent) -> None:
        if isinstance(event, TaskRetried) and event.attempt == 1:
            late.append(subscribe(Tracing(traced.provider)))

    late: list[Subscription] = []
    policy = RetryPolicy(max_retries=3, initial_delay=0.001, jitter=0)
    try:
        with subscribe(listen):
            await BackgroundTask(flaky).with_options(name="flaky", retry_policy=policy).run()
    finally:
        late[0].cancel()
    span = traced.span("flaky")
    assert span.attributes is not None
    assert span.attributes["postlude.task.outcome"] == "succeeded"
    assert span.attributes["postlude.task.attempts"] == 3
    assert span.events == ()
