from pathlib import Path

from postlude import BackgroundScheduler, PostludeMiddleware, TaskRunner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

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


async def leave_cart(request: Request) -> JSONResponse:
    email = request.query_params["email"]
    scheduler.add_delayed_task(remind, email, delay=0.3)  # timedelta(days=1)
    return JSONResponse({"cart": "kept"}, status_code=202)


async def pause(request: Request) -> JSONResponse:
    cleaning.pause()
    return JSONResponse({"paused": cleaning.is_paused}, status_code=202)


async def resume(request: Request) -> JSONResponse:
    cleaning.resume()
    return JSONResponse({"paused": cleaning.is_paused}, status_code=202)


api = Starlette(
    routes=[
        Route("/carts", leave_cart, methods=["POST"]),
        Route("/cleaning/pause", pause, methods=["POST"]),
        Route("/cleaning/resume", resume, methods=["POST"]),
    ]
)
app = PostludeMiddleware(api, runner)
