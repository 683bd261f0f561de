"""What happens to work that the lifespan waits for when the server gets SIGTERM?"""

import signal

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B68"
THEME = "shutdown"
USES = ("app", "work", "detached")


async def scenario(lab: Lab) -> str:
    async with lab.serving(uvicorn=["--timeout-graceful-shutdown", "1"]) as server:
        answer = await server.get("/detached")
        assert answer.status == 200, answer
        await server.told("task starts")
        asked = server.signal(signal.SIGTERM)
        await server.ended()
    return fate(server, "work", since=asked)
