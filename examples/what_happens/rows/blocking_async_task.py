"""Do other requests wait for an `async def` task that blocks?"""

from examples.what_happens.lab import Lab

NUMBER = "B32"
THEME = "threads"
USES = ("report", "blocking_task", "pings")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/blocking-task")
        assert answer.status == 200, answer
        await server.told("task starts")
        ping = await server.get("/ping")
        assert ping.status == 200, ping
        ended = await server.told("task ends")
    return "no" if ping.done < ended else "yes, they wait"
