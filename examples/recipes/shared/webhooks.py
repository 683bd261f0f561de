import logging
from typing import Any

import httpx
from postlude import BackgroundTask, RetryPolicy, TaskRunner, current_tasks

logging.getLogger("httpx").setLevel(logging.WARNING)  # no line for each request
runner = TaskRunner()
subscribers: list[str] = []
events: list[dict[str, Any]] = []

# In a shop: RetryPolicy(max_retries=8, initial_delay=5.0, max_delay=3600.0).
PATIENCE = RetryPolicy(max_retries=5, initial_delay=0.1)


async def deliver(url: str, event: dict[str, Any]) -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        answer = await client.post(url, json=event)
    answer.raise_for_status()
    print(f"event {event['event_id']} is with {url}")


def publish(kind: str, details: dict[str, Any]) -> int:
    event_id = len(events) + 1
    event = {"event_id": event_id, "kind": kind, "details": details}
    events.append(event)
    for number, url in enumerate(subscribers, 1):
        current_tasks().add(
            BackgroundTask(deliver, url, event).with_options(
                name=f"webhook {number}",
                task_id=f"event-{event_id}-{number}",
                retry_policy=PATIENCE,
            )
        )
    return event_id


def deliveries(event_id: int) -> dict[str, str]:
    states: dict[str, str] = {}
    for number, url in enumerate(subscribers, 1):
        handle = runner.get(f"event-{event_id}-{number}")
        states[url] = "waiting" if handle is None else handle.status
    return states
