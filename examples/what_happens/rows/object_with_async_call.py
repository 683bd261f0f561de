"""Does an object whose `__call__` is an `async def` run as a task?"""

from examples.what_happens.lab import Lab

NUMBER = "B35"
THEME = "threads"
USES = ("callable_object",)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/callable-object")
        assert answer.status == 200, answer
        ran = await server.tells("task ends")
    return "runs" if ran else "never runs"
