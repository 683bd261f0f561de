"""What happens to a task when the handler then crashes?"""

from examples.what_happens.lab import Lab

NUMBER = "B14"
THEME = "attach"
USES = ("work", "crashes")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/crashes")
        assert answer.status == 500, answer
        ran = await server.tells("task ends")
        handled = server.count("handler runs")
    result = "runs" if ran else "never runs"
    return result if handled == 1 else f"{result}; the handler runs {handled} times"
