"""What happens to an async task when a server with two workers gets SIGTERM?"""

import signal

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B69"
THEME = "shutdown"
USES = ("app", "work", "attached")


async def scenario(lab: Lab) -> str:
    async with lab.serving(
        uvicorn=["--workers", "2", "--log-level", "warning"],
        # A worker that is still starting may miss the signal; it would be waited for.
        granian=["--workers", "2", "--workers-kill-timeout", "3"],
    ) as server:
        answer = await server.get("/attached")
        assert answer.status == 200, answer
        await server.told("task starts")
        asked = server.signal(signal.SIGTERM)
        await server.ended()
    return fate(server, "work", since=asked)
