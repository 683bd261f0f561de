"""Does a task see the context variable that its handler has set?"""

from examples.what_happens.lab import Lab

NUMBER = "B36"
THEME = "requests"
USES = ("user", "async_handler", "def_handler")
ANSWERS = {
    (True, True): "yes",
    (True, False): "of an `async def` handler only",
    (False, False): "no",
}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/async-handler")
        assert answer.status == 200, answer
        await server.told("task ends")
        of_async = server.count("async def: the task sees ada") == 1
        answer = await server.get("/def-handler")
        if answer.status != 200:
            said = "yes" if of_async else "no"
            return f"{said}; a `def` handler answers {answer.status}"
        await server.told("task ends", times=2)
        of_def = server.count("def: the task sees ada") == 1
    return ANSWERS[of_async, of_def]
