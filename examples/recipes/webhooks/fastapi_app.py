from typing import Any

from fastapi import FastAPI
from postlude import PostludeMiddleware
from pydantic import BaseModel
from webhooks import deliveries, publish, runner, subscribers

api = FastAPI()


class Event(BaseModel):
    kind: str
    details: dict[str, Any]


@api.post("/subscribers", status_code=201)
async def subscribe(url: str) -> dict[str, int]:
    subscribers.append(url)
    return {"subscribers": len(subscribers)}


@api.post("/events", status_code=201)
async def take(event: Event) -> dict[str, int]:
    return {"event_id": publish(event.kind, event.details)}


@api.get("/events/{event_id}")
async def show(event_id: int) -> dict[str, str]:
    return deliveries(event_id)


app = PostludeMiddleware(api, runner)
