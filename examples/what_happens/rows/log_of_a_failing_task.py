"""What does the log say of a task that fails?"""

import re
import signal

from examples.what_happens.lab import Lab

NUMBER = "B20"
THEME = "groups"
USES = ("steps", "first_fails")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/first-fails")
        assert answer.status == 200, answer
        await server.told("the first fails")
        await server.tells("the second ends")
        server.signal(signal.SIGTERM)
        await server.ended()
        number = len(server.tracebacks())
        # What is indented is a traceback's, which names all functions.
        headings = [line for line in server.log if not line.startswith((" ", "|"))]
    named = any(re.search(r"\bfail\b", line) for line in headings)
    said = f"{number} traceback{'' if number == 1 else 's'}"
    if not number:
        lines = sum("boom" in line for line in server.log)
        lab.note(await server.printed("boom"), who="server")
        said = f"{lines} line{'' if lines == 1 else 's'}, no traceback"
    for last in server.tracebacks():
        lab.note(f"traceback, {last}", who="server")
    return f"{said}, {'with the' if named else 'no'} task's name"
