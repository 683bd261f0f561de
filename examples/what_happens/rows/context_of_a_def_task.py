"""Does a `def` task see the context variable that an `async def` handler has set?"""

from examples.what_happens.lab import Lab

NUMBER = "B37"
THEME = "requests"
USES = ("user", "def_task")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/def-task")
        assert answer.status == 200, answer
        await server.told("task ends")
        sees = server.count("def task: the task sees ada")
        assert sees or server.count("def task: the task sees nobody"), server.log
    return "yes" if sees else "no"
