from typing import Annotated

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from postlude import current_tasks, subscribe
from postlude.frameworks.velithon import PostludeMiddleware
from postlude.instrumentation.opentelemetry import Tracing
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

finished = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(finished))
tracer = provider.get_tracer("shop")
subscribe(Tracing(provider))


async def send_welcome(to: str) -> None:
    with tracer.start_as_current_span("render"):
        print("welcome,", to, flush=True)


def spans() -> list[dict[str, object]]:
    ended = finished.get_finished_spans()
    names = {span.context.span_id: span.name for span in ended if span.context}
    return [
        {
            "span": span.name,
            "parent": names[span.parent.span_id] if span.parent else None,
            "links": [names[link.context.span_id] for link in span.links],
        }
        for span in ended
    ]


api = Velithon()


@api.post("/signups")
async def sign_up(email: Annotated[str, Query()]) -> JSONResponse:
    # What an instrumented server opens for you.
    with tracer.start_as_current_span("POST /signups"):
        current_tasks().add_task(send_welcome, email)
    return JSONResponse({"signed_up": email}, status_code=202)


@api.get("/spans")
async def get_spans() -> list[dict[str, object]]:
    return spans()


app = PostludeMiddleware(api)
