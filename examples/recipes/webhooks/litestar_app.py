from dataclasses import dataclass
from typing import Any

from litestar import Litestar, get, post
from postlude import PostludeMiddleware
from webhooks import deliveries, publish, runner, subscribers


@dataclass
class Event:
    kind: str
    details: dict[str, Any]


@post("/subscribers")
async def subscribe(url: str) -> dict[str, int]:
    subscribers.append(url)
    return {"subscribers": len(subscribers)}


@post("/events")
async def take(data: Event) -> dict[str, int]:
    return {"event_id": publish(data.kind, data.details)}


@get("/events/{event_id:int}")
async def show(event_id: int) -> dict[str, str]:
    return deliveries(event_id)


api = Litestar([subscribe, take, show], logging_config=None)
app = PostludeMiddleware(api, runner)
