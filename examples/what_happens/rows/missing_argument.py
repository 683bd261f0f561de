"""Where does it show that an argument of a task is missing?"""

import signal

from examples.what_happens.lab import Lab

NUMBER = "B30"
THEME = "failures"
USES = ("greeting",)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        right = await server.get("/greeting?name=Ada")
        assert right.status == 200, right
        await server.told("hello Ada")
        wrong = await server.get("/greeting")
        server.signal(signal.SIGTERM)
        await server.ended()
        said = [line for line in server.log if line.startswith("TypeError: ")]
    for line in said:
        lab.note(line, who="server")
    if wrong.status == 500:
        assert said, server.log
        return "in the handler, the client gets 500"
    assert wrong.status == 200, wrong
    return "in the log, after the response" if said else "nowhere"
