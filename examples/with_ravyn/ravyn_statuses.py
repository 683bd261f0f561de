import asyncio
import logging

import httpx
from ravyn import Gateway, JSONResponse, Ravyn, post


@post("/given")
async def given() -> JSONResponse:
    return JSONResponse({}, status_code=200)


@post("/declared", status_code=200)
async def declared() -> JSONResponse:
    return JSONResponse({})


app = Ravyn(routes=[Gateway(handler=given), Gateway(handler=declared)])


async def main() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for path in ("/given", "/declared"):
            print(path, (await client.post(path)).status_code)


logging.getLogger("httpx").setLevel(logging.WARNING)  # Ravyn shows every INFO line
asyncio.run(main())
