"""Does a handler that awaits its task still answer at once?"""

from examples.what_happens.lab import Lab

NUMBER = "B02"
THEME = "attach"
USES = ("work", "awaited")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/awaited")
        assert answer.status == 200, answer
        ended = await server.told("task ends")
        twice = await server.tells("task ends", times=2, within=4)
    if twice:
        return "no, and the task runs twice"
    return "yes" if answer.done < ended - 1 else "no, the client waits for it"
