from postlude import EngineUnavailable, TaskStatus, task
from postlude.engines.rq import RQEngine
from redis import Redis
from rq import Queue

engine = RQEngine(Queue("jobs", connection=Redis(port=6379)))


@task
def charge(number: str) -> None:
    print("charged", number)


async def wrong(job: str) -> str:
    try:
        state = await engine.status(job)
        if state.status == TaskStatus.UNKNOWN:
            raise LookupError(job)
    except Exception:
        return "404 Job not found"
    return f"200 {state.status}"


async def right(job: str) -> str:
    try:
        state = await engine.status(job)
    except EngineUnavailable:
        return "503 try again later"
    if state.status == TaskStatus.UNKNOWN:
        return "404 Job not found"
    return f"200 {state.status}"
