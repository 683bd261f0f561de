"""Under which path does a handler answer that names one and is added under it?"""

from examples.what_happens.lab import Lab

NUMBER = "B58b"
THEME = "routes"
USES = ("note", "twice")
SERVED = "twice"
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "Lilya"), "Its handlers name no path: their route does."
)
FACTORY = ("--factory",)
PATHS = ("/orders", "/orders/orders")


async def scenario(lab: Lab) -> str:
    async with lab.serving(uvicorn=FACTORY, granian=FACTORY) as server:
        answers = {path: await server.get(path) for path in PATHS}
        await server.told("the task of the response runs")
    assert {answer.status for answer in answers.values()} == {200, 404}, answers
    [found] = [path for path in PATHS if answers[path].status == 200]
    return f"under {found}"
