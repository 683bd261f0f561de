from collections.abc import AsyncIterator

from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.responses import StreamingResponse

app = Velithon()


class Stream(StreamingResponse):
    body = b""


async def pages() -> AsyncIterator[str]:
    yield "page 1\n"
    yield "page 2\n"


def count_visit() -> None:
    print("counted a visit")


@app.get("/bare/{number}")
async def bare(number: int) -> dict[str, int]:
    return {"number": number}


@app.get("/streaming-response")
async def streaming() -> StreamingResponse:
    return StreamingResponse(pages())


@app.get("/stream")
async def stream() -> Stream:
    return Stream(pages(), background=BackgroundTask(count_visit))
