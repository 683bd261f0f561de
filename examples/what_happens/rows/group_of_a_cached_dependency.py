"""Whose tasks run when the dependency that makes their group is cached?"""

from examples.what_happens.lab import Lab

NUMBER = "B52b"
THEME = "dependencies"
USES = ("group", "cached")
NOT_APPLICABLE = {"Starlette": "It has no dependencies."}
FIRST = "the task of request 1 runs"


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        for number in (1, 2):
            answer = await server.get(f"/cached/{number}")
            assert answer.status == 200, answer
            await server.told(f"the task of request {number} runs")
        again = await server.tells(FIRST, times=2, within=1)
    return "the first one's, once more" if again else "each one's, once"
