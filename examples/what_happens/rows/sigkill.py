"""What happens to an async task when its server is killed and started again?"""

from examples.what_happens.lab import Lab

NUMBER = "B67"
THEME = "shutdown"
USES = ("app", "work", "attached")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/attached")
        assert answer.status == 200, answer
        await server.told("task starts")
        lab.note("sends SIGKILL to the server and its workers")
        await server.kill()
    async with lab.serving() as again:
        lab.note("starts it again")
        resumed = await again.tells("task starts", within=1)
    if resumed:
        return "runs again"
    ended = server.count("task ends")
    return "runs to its end" if ended else "never ends, without a word"
