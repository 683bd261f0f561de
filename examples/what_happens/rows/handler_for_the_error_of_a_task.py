"""Is the handler that is registered for an exception called when a task raises it?"""

import signal

from examples.what_happens.lab import Lab

NUMBER = "B21"
THEME = "failures"
USES = ("fail", "handled")
SERVED = "handled"
NOT_APPLICABLE = {"Velithon": "It has no handlers for exceptions."}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/handled")
        assert answer.status == 200, answer
        await server.told("the task runs")
        server.signal(signal.SIGTERM)
        await server.ended()
        called = server.count("the handler is called")
        errors = server.tracebacks()
    for last in errors:
        lab.note(f"traceback, {last}", who="server")
    async with lab.serving() as server:
        answer = await server.get("/fails-itself")
        assert answer.status == 503, answer  # which is the handler's
    number = f"{len(errors)} traceback{'' if len(errors) == 1 else 's'}"
    return f"{'yes' if called else 'no'}; {number}"
