import logging
from pathlib import Path

from litestar import Litestar, post
from postlude import BackgroundScheduler, PostludeMiddleware, TaskRunner

logging.getLogger("postlude").setLevel(logging.WARNING)  # Litestar shows INFO
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


@post("/carts", status_code=202)
async def leave_cart(email: str) -> dict[str, str]:
    scheduler.add_delayed_task(remind, email, delay=0.3)  # timedelta(days=1)
    return {"cart": "kept"}


@post("/cleaning/pause", status_code=202)
async def pause() -> dict[str, bool]:
    cleaning.pause()
    return {"paused": cleaning.is_paused}


@post("/cleaning/resume", status_code=202)
async def resume() -> dict[str, bool]:
    cleaning.resume()
    return {"paused": cleaning.is_paused}


api = Litestar([leave_cart, pause, resume])
app = PostludeMiddleware(api, runner)
