"""Which status is sent when a handler of POST answers 200?"""

from examples.what_happens.lab import Lab

NUMBER = "B59"
THEME = "places"
USES = ("note", "status")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.send("POST", "/status")
        await server.told("the task of the response runs")
    return f"{answer.status}"
