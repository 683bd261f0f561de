import asyncio
import logging
from typing import Any

import httpx
import lilya.responses
from postlude.frameworks.ravyn import BackgroundTask, after_response
from ravyn import Gateway, JSONResponse, Ravyn, Response, post

ran: list[str] = []
task = BackgroundTask(ran.append, "background=")


def app_with(annotation: object) -> Ravyn:
    async def native() -> Any:
        return JSONResponse({})

    @after_response(BackgroundTask(ran.append, "@after_response"))
    async def decorated() -> Any:
        return JSONResponse({})

    native.__annotations__["return"] = decorated.__annotations__["return"] = annotation
    routes = [post("/", background=task)(native), post("/decorated")(decorated)]
    return Ravyn(routes=[Gateway(handler=route) for route in routes])


async def main() -> None:
    annotations: dict[str, object] = {
        "JSONResponse": JSONResponse,
        "Response": Response,
        "lilya JSONResponse": lilya.responses.JSONResponse,
        "lilya Response": lilya.responses.Response,
        "lilya PlainText": lilya.responses.PlainText,
        "Any": Any,
        "None": None,
        "str": str,
        "dict[str, str]": dict[str, str],
    }
    for name, annotation in annotations.items():
        ran.clear()
        transport = httpx.ASGITransport(app_with(annotation))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop"
        ) as client:
            await client.post("/")
            await client.post("/decorated")
        print(f"-> {name:18} ran: {', '.join(ran)}")


logging.getLogger("httpx").setLevel(logging.WARNING)  # Ravyn shows every INFO line
asyncio.run(main())
