"""Is the session of a `yield` dependency still open while the task runs?"""

from examples.what_happens.lab import Lab
from examples.what_happens.server import Server

NUMBER = "B41"
THEME = "dependencies"
USES = ("session",)
NOT_APPLICABLE = {
    "Starlette": "It has no dependencies.",
    "Ravyn": "Its dependencies have no `yield`: a handler gets the generator itself.",
    "Velithon": "Its dependencies have no `yield`.",
}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        said = await _answer(server, "/session")
        if lab.column == "FastAPI":
            other = await _answer(server, "/session-by-option", times=2)
            if other != said:
                said = f"{said}, or {other} by an option"
    return said


async def _answer(server: Server, path: str, *, times: int = 1) -> str:
    before = server.count("the task's session is open")
    answer = await server.get(path)
    assert answer.status == 200, answer
    await server.told("task ends", times=times)
    await server.told("the dependency closes the session", times=times)
    return "yes" if server.count("the task's session is open") > before else "no"
