"""What happens to an async task when the server gets SIGINT?"""

import signal

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B66a"
THEME = "shutdown"
USES = ("app", "work", "attached")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/attached")
        assert answer.status == 200, answer
        await server.told("task starts")
        asked = server.signal(signal.SIGINT)
        await server.ended()
    return fate(server, "work", since=asked)
