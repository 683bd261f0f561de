"""Whose tasks run when three requests return the same response object?"""

from examples.what_happens.lab import Lab

NUMBER = "B45"
THEME = "injection"
USES = ("note", "kept")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        for number in (1, 2, 3):
            answer = await server.get(f"/kept/{number}")
            assert answer.status == 200, answer
            if not await server.tells(f"the task of request {number} runs"):
                first = "the task of request 1 runs"
                await server.told(first, times=number)
        runs = [server.count(f"the task of request {n} runs") for n in (1, 2, 3)]
    if runs == [3, 0, 0]:
        return "the first one's, 3 times"
    assert runs == [1, 1, 1], runs
    return "each one's, once"
