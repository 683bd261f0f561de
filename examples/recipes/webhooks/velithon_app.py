from typing import Annotated, Any

from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path, Query
from velithon.responses import JSONResponse
from webhooks import deliveries, publish, runner, subscribers

api = Velithon()


class Event(BaseModel):
    kind: str
    details: dict[str, Any]


@api.post("/subscribers")
async def subscribe(url: Annotated[str, Query()]) -> JSONResponse:
    subscribers.append(url)
    return JSONResponse({"subscribers": len(subscribers)}, status_code=201)


@api.post("/events")
async def take(event: Annotated[Event, Body()]) -> JSONResponse:
    event_id = publish(event.kind, event.details)
    return JSONResponse({"event_id": event_id}, status_code=201)


@api.get("/events/{event_id}")
async def show(event_id: Annotated[int, Path()]) -> JSONResponse:
    return JSONResponse(deliveries(event_id))


app = PostludeMiddleware(api, runner)
