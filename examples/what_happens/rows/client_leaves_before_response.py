"""What happens to the task when the client leaves before it has the response?"""

from examples.what_happens.lab import Lab

NUMBER = "B16"
THEME = "attach"
USES = ("work", "slow_handler")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        hasty = await server.open()
        lab.note("GET /slow-handler", at=await hasty.ask("/slow-handler"))
        await server.told("handler runs")
        hasty.leave()
        lab.note("leaves")
        assert not server.count("handler ends")
        before = await server.tells("task ends", within=5)
        client = await server.open()
        asked = await client.ask("/slow-handler")
        lab.note("GET /slow-handler", at=asked)
        answer = await client.head(asked)
        client.leave()
        lab.note(f"{answer.status} {answer.reason}, leaves")
        after = await server.tells("task ends", times=before + 1, within=5)
    if before == after:
        return "runs" if before else "never runs"
    return "runs only if left after" if after else "runs only if left before"
