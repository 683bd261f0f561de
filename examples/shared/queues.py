from typing import Any

from postlude.engines.rq import RQEngine
from redis import Redis
from rq import Queue

redis = Redis(host="localhost", port=6379)
queues = [Queue(name, connection=redis) for name in ("high", "normal", "low")]
engine = RQEngine(*queues)


async def state_of(job_id: str) -> dict[str, Any]:
    state = await engine.status(job_id)
    if state.status == "unknown":
        return {"error": "Job not found"}
    times = {
        "enqueued_at": state.enqueued_at,
        "started_at": state.started_at,
        "ended_at": state.ended_at,
    }
    return {
        "status": state.status,
        "result": state.result,
        "error": state.error,
        **{name: time and time.isoformat() for name, time in times.items()},
    }
