from fastapi import FastAPI
from postlude import BackgroundTask
from postlude.frameworks.fastapi import Tasks
from studio import cut_a_film, queue

app = FastAPI()


@app.get("/programme")
async def programme() -> list[str]:
    return ["Metropolis", "Sunrise"]


@app.post("/films/server", status_code=202)
async def cut_here(name: str, tasks: Tasks) -> None:
    tasks.add_task(cut_a_film, name)


@app.post("/films/worker", status_code=202)
async def cut_elsewhere(name: str) -> None:
    await queue.put(BackgroundTask(cut_a_film, name))
