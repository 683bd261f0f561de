"""What happens to an injected task when the response brings one of its own?"""

from examples.what_happens.lab import Lab

NUMBER = "B44"
THEME = "injection"
USES = ("note", "both")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "Litestar", "Lilya", "Ravyn", "Velithon"), "It injects no tasks."
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/both")
        assert answer.status == 200, answer
        await server.told("the task of the response runs")
        ran = await server.tells("the task of the group runs")
    return "runs" if ran else "never runs"
