import asyncio

from postlude import BackgroundTask
from postlude.frameworks.quart import after_response
from quart import Quart

app = Quart(__name__)


@app.get("/")
@after_response(BackgroundTask(print, "counted a visit"))
async def home() -> str:
    return "Welcome"


async def main() -> None:
    response = await app.test_client().get("/")
    print(response.status)


asyncio.run(main())
