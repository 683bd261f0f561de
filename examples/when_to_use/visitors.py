import statistics
import time
from pathlib import Path

import httpx


def usual_wait(cinema: httpx.Client, where: str) -> float:
    """The median wait for the programme, while two films are cut there."""
    films = [Path(f"{name}, cut in the {where}") for name in ("Metropolis", "Sunrise")]
    for film in films:
        cinema.post(f"/films/{where}", params={"name": film.name}).raise_for_status()
    waits: list[float] = []
    while not all(film.exists() for film in films):
        asked = time.perf_counter()
        cinema.get("/programme")
        waits.append(time.perf_counter() - asked)
        time.sleep(0.01)
    return statistics.median(waits)


with httpx.Client(base_url="http://127.0.0.1:8000", timeout=20) as client:
    times = usual_wait(client, "server") / usual_wait(client, "worker")
print("more than twice as long:", times > 2)
