"""Does a task run that a dependency adds after its `yield`?"""

from examples.what_happens.lab import Lab

NUMBER = "B43"
THEME = "dependencies"
USES = ("late",)
NONE = "It injects no group that a dependency could add to."
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "Litestar", "Lilya", "Ravyn", "Velithon"), NONE
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/late")
        assert answer.status == 200, answer
        await server.told("the task from before the yield runs")
        await server.told("the dependency has added both")
        ran = await server.tells("the task from after the yield runs")
    return "runs" if ran else "never runs"
