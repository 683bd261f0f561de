"""Does a running task hold up the next request on the same connection?"""

from examples.what_happens.lab import Lab

NUMBER = "B04"
THEME = "attach"
USES = ("work", "slow_task")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        connection = await server.open()
        first = await server.get("/slow-task", on=connection)
        await server.told("task starts")
        second = await server.get("/slow-task", on=connection)
        assert (first.status, second.status) == (200, 200)
        ended = await server.told("task ends")
        await server.told("task ends", times=2)
    return "no" if second.done < ended else "yes, until the task ends"
