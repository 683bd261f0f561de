"""Does a group that is attached to two responses run after both?"""

from examples.what_happens.lab import Lab

NUMBER = "B28"
THEME = "failures"
USES = ("shared_group",)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        first = await server.get("/shared-group")
        assert first.status == 200, first
        await server.told("the shared task runs")
        second = await server.get("/shared-group")
        assert second.status == 200, second
        again = await server.tells("the shared task runs", times=2)
    return "after both" if again else "after the first one only"
