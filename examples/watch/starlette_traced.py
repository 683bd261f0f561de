from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from postlude import PostludeMiddleware, current_tasks, subscribe
from postlude.instrumentation.opentelemetry import Tracing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

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


async def sign_up(request: Request) -> JSONResponse:
    email = request.query_params["email"]
    # What an instrumented server opens for you.
    with tracer.start_as_current_span("POST /signups"):
        current_tasks().add_task(send_welcome, email)
    return JSONResponse({"signed_up": email}, status_code=202)


async def get_spans(request: Request) -> JSONResponse:
    return JSONResponse(spans())


routes = [Route("/signups", sign_up, methods=["POST"]), Route("/spans", get_spans)]
app = PostludeMiddleware(Starlette(routes=routes))
