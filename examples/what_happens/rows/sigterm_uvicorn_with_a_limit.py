"""What happens to an async task when Uvicorn, with a limit of 1 s, gets SIGTERM?"""

import signal

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B64b"
THEME = "shutdown"
USES = ("app", "work", "attached")
NOT_APPLICABLE = {
    "Velithon": "It speaks RSGI, which of these servers only Granian does."
}


async def scenario(lab: Lab) -> str:
    async with lab.serving(
        "uvicorn", uvicorn=["--timeout-graceful-shutdown", "1"]
    ) as server:
        answer = await server.get("/attached")
        assert answer.status == 200, answer
        await server.told("task starts")
        asked = server.signal(signal.SIGTERM)
        await server.ended()
    return fate(server, "work", since=asked)
