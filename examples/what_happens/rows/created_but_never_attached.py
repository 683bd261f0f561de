"""What happens to a task that is created and never attached?"""

import re

from examples.what_happens.lab import Lab

NUMBER = "B03"
THEME = "attach"
USES = ("work", "never_attached")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/never-attached")
        assert answer.status == 200, answer
        if await server.tells("task ends"):
            return "runs"
        named = [line for line in server.log if re.search(r"\bwork\b", line)]
    for line in named:
        lab.note(line, at=answer.done, who="server")  # the log has no times
    return "never runs; a warning names it" if named else "never runs, without a word"
