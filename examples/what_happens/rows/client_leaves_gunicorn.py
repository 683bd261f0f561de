"""What happens to an async task when the client leaves gunicorn after the response?"""

import time

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B64g"
THEME = "shutdown"
USES = ("app", "work", "attached")
NOT_APPLICABLE = {
    "Velithon": "It speaks RSGI, which of these servers only Granian does."
}


async def scenario(lab: Lab) -> str:
    async with lab.serving("gunicorn") as server:
        connection = await server.open()
        answer = await server.get("/attached", on=connection)
        assert answer.status == 200, answer
        await server.told("task starts")
        left = time.monotonic()
        connection.leave()
        lab.note("leaves", at=left)
        await server.tells("task ends", within=6)
    return fate(server, "work", since=left)
