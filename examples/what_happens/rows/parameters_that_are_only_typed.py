"""Are a path parameter and a JSON body found by a handler that only types them?"""

from examples.what_happens.lab import Lab

NUMBER = "B60"
THEME = "parameters"
USES = ("note", "orders")
SERVED = "orders"
NOT_APPLICABLE = {"Starlette": "Its handlers take the request and nothing else."}
FACTORY = ("--factory",)
JSON = {"content-type": "application/json"}
ORDER = b'{"number": 8}'


async def scenario(lab: Lab) -> str:
    async with lab.serving(uvicorn=FACTORY, granian=FACTORY) as server:
        shown = await server.get("/orders/7")
        if shown.status == 200:
            await server.told("the task of order 7 runs")
        placed = await server.send("POST", "/orders", headers=JSON, body=ORDER)
        if placed.status < 300:
            await server.told("the task of the new order 8 runs")
    if shown.status != 200:
        assert placed.status == shown.status == 400, (shown, placed)
        return "neither, the client gets 400"
    assert placed.status in {200, 201, 500}, placed
    return "both" if placed.status < 300 else "only the path parameter"
