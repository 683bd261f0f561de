"""What happens to the second task when the first one fails?"""

from examples.what_happens.lab import Lab

NUMBER = "B18"
THEME = "groups"
USES = ("steps", "first_fails")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/first-fails")
        assert answer.status == 200, answer
        await server.told("the first fails")
        ran = await server.tells("the second ends")
    return "runs" if ran else "never runs"
