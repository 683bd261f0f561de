"""What happens to a `def` task when the server gets SIGTERM?"""

import signal

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B65a"
THEME = "shutdown"
USES = ("app", "report", "thread")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/thread")
        assert answer.status == 200, answer
        await server.told("task starts")
        asked = server.signal(signal.SIGTERM)
        await server.ended()
    return fate(server, "write_report", since=asked)
