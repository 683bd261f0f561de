"""Do other requests wait for a slow `def` task?"""

from examples.what_happens.lab import Lab

NUMBER = "B31"
THEME = "threads"
USES = ("report", "def_task", "pings")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/def-task")
        assert answer.status == 200, answer
        await server.told("task starts")
        ping = await server.get("/ping")
        assert ping.status == 200, ping
        ended = await server.told("task ends")
    return "no" if ping.done < ended else "yes, they wait"
