import asyncio

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.fastapi import BackgroundTask, Tasks


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


async def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse(number: int) -> None:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"refused to cancel {number}")


def count_visit(tasks: Tasks) -> None:
    tasks.add_task(write_audit, "one more visit")


router = APIRouter(prefix="/orders", dependencies=[Depends(count_visit)])


@router.post("/{number}")
async def place_order(number: int) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    await task()  # does not wait in a request any more
    return JSONResponse({"number": number}, status_code=202, background=task)


@router.delete("/{number}")
async def cancel_order(number: int) -> None:
    refuse(number)
    raise HTTPException(409, "it is shipped already")


api = FastAPI()
api.include_router(router)
app = PostludeMiddleware(api)
