"""Does a task whose response is out still hold one of the server's places?"""

from examples.what_happens.lab import Lab

NUMBER = "B05"
THEME = "attach"
USES = ("work", "slow_task")


async def scenario(lab: Lab) -> str:
    limits = {
        "uvicorn": ["--limit-concurrency", "3"],
        "granian": ["--backpressure", "3"],
    }
    async with lab.serving(**limits) as server:
        for number in range(1, 4):
            answer = await server.get("/slow-task")
            assert answer.status == 200, answer
            await server.told("task starts", times=number)
        late = await server.get("/slow-task")
        running = server.count("task ends") < 3
    if late.status == 200:
        return "no" if running else "yes, the next request waits"
    return f"yes, the next request gets {late.status}"
