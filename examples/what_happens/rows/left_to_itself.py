"""Does work that a handler starts and leaves to itself survive a garbage collection?"""

from examples.what_happens.lab import Lab

NUMBER = "B73"
THEME = "shutdown"
USES = ("wait", "left", "paid")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/left")
        assert answer.status == 200, answer
        await server.told("task starts")
        answer = await server.get("/paid")
        assert answer.status == 200, answer
        ended = await server.tells("task ends")
        collected = any("Task was destroyed" in line for line in server.log)
    if ended:
        return "runs to its end"
    assert collected, server.log
    return "never ends: it is collected"
