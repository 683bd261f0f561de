from typing import Any

from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, get, post
from webhooks import deliveries, publish, runner, subscribers


class Event(BaseModel):
    kind: str
    details: dict[str, Any]


@post("/subscribers")
async def subscribe(url: str) -> JSONResponse:
    subscribers.append(url)
    return JSONResponse({"subscribers": len(subscribers)}, status_code=201)


@post("/events")
async def take(data: Event) -> JSONResponse:
    event_id = publish(data.kind, data.details)
    return JSONResponse({"event_id": event_id}, status_code=201)


@get("/events/{event_id}")
async def show(event_id: int) -> JSONResponse:
    return JSONResponse(deliveries(event_id))


api = Ravyn(routes=[Gateway(handler=each) for each in (subscribe, take, show)])
app = PostludeMiddleware(api, runner)
