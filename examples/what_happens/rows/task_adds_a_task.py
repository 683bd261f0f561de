"""What happens to a task that a running task adds to its own group?"""

from examples.what_happens.lab import Lab

NUMBER = "B29"
THEME = "groups"
USES = ("steps", "task_adds_a_task")
NOT_APPLICABLE = {"Litestar": "A task cannot be added to a group that exists."}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/task-adds-a-task")
        assert answer.status == 200, answer
        await server.told("the first adds another")
        ran = await server.tells("the other ends")
    return "runs" if ran else "never runs"
