"""Does an application start whose handler has no return annotation?"""

from examples.what_happens.lab import Lab
from examples.what_happens.server import ERROR, Never

NUMBER = "B58a"
THEME = "routes"
USES = ("note", "unannotated")
SERVED = "unannotated"
FACTORY = ("--factory",)


async def scenario(lab: Lab) -> str:
    try:
        async with lab.serving(uvicorn=FACTORY, granian=FACTORY) as server:
            answer = await server.get("/orders")
            assert answer.status == 200, answer
            await server.told("the task of the response runs")
    except Never as never:
        log = str(never).splitlines()
        said = [found[1] for line in log if (found := ERROR.fullmatch(line))][-1]
        lab.note(f"does not start: {said}", who="server")
        return f"no, {said.partition(':')[0].rpartition('.')[2]}"
    return "yes"
