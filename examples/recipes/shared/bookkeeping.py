import asyncio
import time
from pathlib import Path

from letters import send_email
from postlude import (
    BackgroundTask,
    Failed,
    RetryPolicy,
    Succeeded,
    TaskRunner,
    TaskStatus,
)

runner = TaskRunner(max_concurrent=1)  # one report at a time
NAMES = {TaskStatus.PENDING: "queued", TaskStatus.SUCCEEDED: "done"}


def count(month: str) -> int:
    figures = Path(f"sales-{month}.csv")
    while not figures.exists():  # the shops send theirs when they close
        time.sleep(0.02)
    lines = figures.read_text().splitlines()
    return sum(int(line.split(",")[1]) for line in lines)


async def build(month: str, email: str) -> int:
    total = await asyncio.to_thread(count, month)
    text = f"Sold in {month}: {total} pieces."
    mail = BackgroundTask(send_email, email, "Your report", text)
    await mail.with_options(retry_policy=RetryPolicy()).run()
    return total


def order(month: str, email: str) -> dict[str, str]:
    job_id = runner.submit(BackgroundTask(build, month, email)).id
    return {"job_id": job_id}


def state_of(job_id: str) -> dict[str, str | int] | None:
    handle = runner.get(job_id)
    if handle is None:
        return None
    status = NAMES.get(handle.status, handle.status.value)
    match handle.outcome:
        case Succeeded(value=total):
            return {"status": status, "total": total}
        case Failed(error=error):
            return {"status": status, "error": str(error)}
        case _:
            return {"status": status}
