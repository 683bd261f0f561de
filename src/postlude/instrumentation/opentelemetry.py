"""Spans of tasks for OpenTelemetry."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from postlude._events import TaskEnded, TaskRetried, TaskStarted
from postlude._handle import ENDS
from postlude._outcome import Cancelled, Failed, TimedOut
from postlude.errors import MissingDependency

try:
    from opentelemetry import context as contexts
    from opentelemetry import trace
except ModuleNotFoundError as error:
    raise MissingDependency("opentelemetry", extra="opentelemetry") from error

if TYPE_CHECKING:
    from opentelemetry.trace import Span, TracerProvider
    from postlude._events import TaskEvent
    from postlude._outcome import Outcome

# In the execution's own context, with its id: a task that another task made has a copy of this.
_here: ContextVar[tuple[str, Span] | None] = ContextVar("postlude_span", default=None)


class Tracing:
    """Gives each task a span of its own, with a link to the span that it was created in.

    A link, since the request's span ends with the response, and a task that runs for minutes would
    stretch it or outlive its parent. The task's span is the current one in its function, so spans
    opened there are its children.

    The span is named for the task, and lasts from the first attempt to the end. It has the
    attributes `postlude.task.id`, `postlude.task.name`, `postlude.task.attempts`,
    `postlude.task.outcome` and, where one is known, `postlude.request.id`; an event `attempt` for
    each attempt; and the error of each that failed. Its status is an error if the task failed or
    ran out of time. Arguments of tasks are not recorded.

    Example:
        ```python
        import asyncio

        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
            InMemorySpanExporter,
        )
        from postlude import BackgroundTask, subscribe
        from postlude.instrumentation.opentelemetry import Tracing

        spans = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(spans))
        tracer = provider.get_tracer("shop")

        with subscribe(Tracing(provider)):
            with tracer.start_as_current_span("POST /register"):
                task = BackgroundTask(asyncio.sleep, 0)
            asyncio.run(task())

        request, sleep = spans.get_finished_spans()
        print(sleep.name, sleep.attributes["postlude.task.outcome"])
        print("child:", sleep.parent is not None)
        print("linked:", sleep.links[0].context.span_id == request.context.span_id)
        ```

        ```text title="Output"
        sleep succeeded
        child: False
        linked: True
        ```
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        """Choose where the spans go.

        Args:
            tracer_provider: By default the global one.
        """
        self._tracer = trace.get_tracer("postlude", tracer_provider=tracer_provider)

    def __call__(self, event: TaskEvent) -> None:
        """Begin, complete or end the span of the task."""
        match event:
            case TaskStarted():
                span = self._begun(event) if event.attempt == 1 else _span_of(event)
                if span is not None:
                    span.add_event("attempt", {"number": event.attempt})
            case TaskRetried():
                span = _span_of(event)
                if span is not None:
                    facts = {"number": event.attempt, "next_in_seconds": event.delay}
                    span.record_exception(event.error, attributes=facts)
            case TaskEnded():
                span = _span_of(event) or self._begun(event)
                _describe(span, event.outcome)
                span.end()
            case _:
                pass

    def _begun(self, event: TaskEvent) -> Span:
        creator = trace.get_current_span().get_span_context()
        attributes = {"postlude.task.id": event.task_id, "postlude.task.name": event.name}
        if event.request_id is not None:
            attributes["postlude.request.id"] = event.request_id
        span = self._tracer.start_span(
            event.name,
            context=contexts.Context(),
            attributes=attributes,
            links=[trace.Link(creator)] if creator.is_valid else None,
        )
        # Never detached: this context is the execution's own, and ends with it.
        contexts.attach(trace.set_span_in_context(span))
        _here.set((event.task_id, span))
        return span


def _span_of(event: TaskEvent) -> Span | None:
    task_id, span = _here.get() or ("", None)
    return span if task_id == event.task_id else None


def _describe(span: Span, outcome: Outcome) -> None:
    span.set_attribute("postlude.task.attempts", outcome.attempts)
    span.set_attribute("postlude.task.outcome", ENDS[type(outcome)])
    match outcome:
        case Failed(error=error):
            span.record_exception(error, attributes={"number": outcome.attempts})
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
        case TimedOut(timeout=timeout):
            said = f"its limit is {timeout:g} s per attempt"
            span.set_status(trace.StatusCode.ERROR, said)
        case Cancelled(reason=reason):
            span.set_attribute("postlude.task.cancelled_because", reason)
        case _:
            pass
