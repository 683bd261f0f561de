from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from webhooks import deliveries, publish, runner, subscribers


async def subscribe(request: Request) -> JSONResponse:
    subscribers.append(request.query_params["url"])
    return JSONResponse({"subscribers": len(subscribers)}, status_code=201)


async def take(request: Request) -> JSONResponse:
    event = await request.json()
    event_id = publish(event["kind"], event["details"])
    return JSONResponse({"event_id": event_id}, status_code=201)


async def show(request: Request) -> JSONResponse:
    return JSONResponse(deliveries(request.path_params["event_id"]))


api = Starlette(
    routes=[
        Route("/subscribers", subscribe, methods=["POST"]),
        Route("/events", take, methods=["POST"]),
        Route("/events/{event_id:int}", show),
    ]
)
app = PostludeMiddleware(api, runner)
