from litestar import Litestar, get, post
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from postlude import PostludeMiddleware, current_tasks, subscribe
from postlude.instrumentation.opentelemetry import Tracing

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


@post("/signups", status_code=202)
async def sign_up(email: str) -> dict[str, str]:
    # What an instrumented server opens for you.
    with tracer.start_as_current_span("POST /signups"):
        current_tasks().add_task(send_welcome, email)
    return {"signed_up": email}


@get("/spans")
async def get_spans() -> list[dict[str, object]]:
    return spans()


app = PostludeMiddleware(Litestar([sign_up, get_spans]))
