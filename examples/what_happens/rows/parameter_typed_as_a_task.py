"""When does it show that a handler asks for a single task, which nothing injects?"""

from examples.what_happens.lab import Lab
from examples.what_happens.server import Never

NUMBER = "B51"
THEME = "parameters"
USES = ("single",)
SERVED = "single"
NOT_APPLICABLE = {"Starlette": "Its handlers take the request and nothing else."}
FACTORY = ("--factory",)


async def scenario(lab: Lab) -> str:
    try:
        async with lab.serving(uvicorn=FACTORY, granian=FACTORY) as server:
            answer = await server.get("/single")
    except Never as never:
        error = str(never).splitlines()[-1]
        assert error.startswith("fastapi.exceptions.FastAPIError: Invalid args"), error
        lab.note(f"does not start: {error.partition('!')[0]}", who="server")
        return "at the start"
    assert answer.status in {400, 500}, answer
    return f"at the request, with {answer.status}"
