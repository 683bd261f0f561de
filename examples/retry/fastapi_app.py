from fastapi import FastAPI
from fastapi.responses import JSONResponse
from payments import charge, later
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()


@app.post("/orders")
async def order(number: str, card: str) -> JSONResponse:
    task = BackgroundTask(charge, card, number).with_options(retry_policy=later)
    return JSONResponse({"order": number}, status_code=202, background=task)
