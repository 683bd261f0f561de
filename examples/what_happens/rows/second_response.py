"""Does a task that fails lead to a second response?"""

import signal

from examples.what_happens.lab import Lab

NUMBER = "B23"
THEME = "failures"
USES = ("fail", "order")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        client = await server.open()
        answer = await server.send("POST", "/orders", on=client)
        assert answer.status == 201, answer
        await server.told("the task runs")
        server.signal(signal.SIGTERM)
        await server.ended()
        more = await client.some()
        errors = server.tracebacks()
    for last in errors:
        lab.note(f"traceback, {last}", who="server")
    assert not more, more
    again = [last for last in errors if "http.response.start" in last]
    return "yes, the server refuses it" if again else "no"
