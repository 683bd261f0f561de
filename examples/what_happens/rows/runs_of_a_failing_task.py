"""How often do a handler and its task run when the task fails?"""

import signal

from examples.what_happens.lab import Lab

NUMBER = "B25"
THEME = "failures"
USES = ("fail", "order")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.send("POST", "/orders")
        assert answer.status == 201, answer
        await server.tells("the task runs", times=2)
        server.signal(signal.SIGTERM)
        await server.ended()
        handler = server.count("the handler runs")
        task = server.count("the task runs")
    if handler == task:
        return "once each" if task == 1 else f"{task} times each"
    return f"the handler {handler} times, the task {task} times"
