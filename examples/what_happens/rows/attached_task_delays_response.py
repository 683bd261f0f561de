"""Does an attached task delay the response?"""

from examples.what_happens.lab import Lab

NUMBER = "B01"
THEME = "attach"
USES = ("work", "slow_task")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/slow-task")
        assert answer.status == 200, answer
        ended = await server.told("task ends")
    return "no" if answer.done < ended - 1 else "yes, the client waits for it"
