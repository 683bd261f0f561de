import asyncio
import subprocess
import time
from pathlib import Path

import httpx
from nightly import store

COMMAND = "uvicorn nightly:app --workers 2 --uds shop.sock --log-level warning"
LEDGER = Path("ledger.txt")


def backups() -> list[str]:
    return LEDGER.read_text().splitlines() if LEDGER.exists() else []


def that_fired() -> set[int]:
    processes = set[int]()
    door = httpx.HTTPTransport(uds="shop.sock")
    close = {"connection": "close"}  # so that the next may go to the other process
    with httpx.Client(transport=door, base_url="http://shop", headers=close) as client:
        while len(processes) < 2:
            answer = client.get("/").json()
            if answer["fired"]:
                processes.add(answer["process"])
    return processes


server = subprocess.Popen(COMMAND.split())
while len(backups()) < 3:
    time.sleep(0.02)
print("processes that fired:", len(that_fired()))
server.terminate()
server.wait()
moments = asyncio.run(store.tasks(status="succeeded"))
print("backups for each moment:", len(backups()) / len(moments))
