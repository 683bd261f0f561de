"""What happens to an async task when gunicorn gets SIGTERM, and the client has left?"""

import signal

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B64f"
THEME = "shutdown"
USES = ("app", "work", "attached")
NOT_APPLICABLE = {
    "Velithon": "It speaks RSGI, which of these servers only Granian does."
}


async def scenario(lab: Lab) -> str:
    async with lab.serving("gunicorn") as server:
        answer = await server.get("/attached")
        assert answer.status == 200, answer
        await server.told("task starts")
        asked = server.signal(signal.SIGTERM)
        await server.ended()
    # It looks once a second whether it has to stop, so the moment is not the same.
    return fate(server, "work", since=asked).partition(" after")[0]
