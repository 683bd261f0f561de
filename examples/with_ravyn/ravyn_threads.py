import asyncio
import logging
import threading

import httpx
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get


def tell(who: str) -> None:
    on_the_loop = threading.current_thread() is threading.main_thread()
    print(who, "runs", "on the event loop" if on_the_loop else "in a thread")


@get("/slow")
def report() -> JSONResponse:
    tell("a def handler")
    return JSONResponse({}, background=BackgroundTask(tell, "a def task"))


@get("/mended")
async def report_in_a_thread() -> JSONResponse:
    await asyncio.to_thread(tell, "what to_thread() is given")
    return JSONResponse({})


app = Ravyn(routes=[Gateway(handler=report), Gateway(handler=report_in_a_thread)])


async def main() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        await client.get("/slow")
        await client.get("/mended")


logging.getLogger("httpx").setLevel(logging.WARNING)  # Ravyn shows every INFO line
asyncio.run(main())
