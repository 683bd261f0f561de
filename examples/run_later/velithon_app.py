from pathlib import Path
from typing import Annotated

from postlude import BackgroundScheduler, TaskRunner
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

runner = TaskRunner()
scheduler = BackgroundScheduler(runner)
UPLOADS = Path("uploads")


async def remind(email: str) -> None:
    print(f"to {email}: your cart is waiting")


def clean_up(directory: Path) -> None:
    for path in directory.glob("*.part"):
        path.unlink()
        print(f"deleted {path.name}")


# In a shop: timedelta(hours=1).
cleaning = scheduler.add_recurring_task(clean_up, UPLOADS, interval=0.5)
api = Velithon()


@api.post("/carts")
async def leave_cart(email: Annotated[str, Query()]) -> JSONResponse:
    scheduler.add_delayed_task(remind, email, delay=0.3)  # timedelta(days=1)
    return JSONResponse({"cart": "kept"}, status_code=202)


@api.post("/cleaning/pause")
async def pause() -> JSONResponse:
    cleaning.pause()
    return JSONResponse({"paused": cleaning.is_paused}, status_code=202)


@api.post("/cleaning/resume")
async def resume() -> JSONResponse:
    cleaning.resume()
    return JSONResponse({"paused": cleaning.is_paused}, status_code=202)


app = PostludeMiddleware(api, runner)
