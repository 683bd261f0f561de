"""What happens to an async task when a file is edited under `--reload`?"""

import asyncio
import tempfile
from pathlib import Path

from examples.what_happens.fate import fate
from examples.what_happens.lab import Lab

NUMBER = "B66b"
THEME = "shutdown"
USES = ("app", "work", "attached")


def set_price(folder: str, price: int) -> None:
    Path(folder, "prices.py").write_text(f"price = {price}\n")


async def scenario(lab: Lab) -> str:
    with tempfile.TemporaryDirectory() as folder:
        set_price(folder, 10)
        async with lab.serving(
            uvicorn=["--reload", "--reload-dir", folder],
            granian=["--reload", "--reload-paths", folder],
        ) as server:
            answer = await server.get("/attached")
            assert answer.status == 200, answer
            started = await server.told("task starts")
            lab.note("edits a file")
            price = 10
            while not any("detected" in line for line in server.log):
                set_price(folder, price := price + 1)  # nobody watches it at first
                await asyncio.sleep(0.2)
            await server.told("app shuts down")
            await server.tells("task ends", within=5)
    return fate(server, "work", since=started)
