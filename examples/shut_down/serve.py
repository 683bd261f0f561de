import argparse
import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = Path("shop.sock")
commands = {
    "uvicorn": f"uvicorn shop:app --uds {socket} --log-level warning",
    "hypercorn": f"hypercorn shop:app --bind unix:{socket} --log-level warning",
    "granian": f"granian --interface asgi shop:app --uds {socket} --log-level warning",
    "gunicorn": f"gunicorn -k asgi shop:app --bind unix:{socket} --log-level warning",
}
parser = argparse.ArgumentParser()
parser.add_argument("server", nargs="?", default="uvicorn", choices=commands)
parser.add_argument("paths", nargs="?", default="/models,/invoices")
parser.add_argument("signals", nargs="?", type=int, default=1)
asked = parser.parse_args()
command = [sys.executable, "-u", "-m", *commands[asked.server].split()]


def answers() -> bool:
    try:
        return client.get("/").status_code == 404
    except httpx.TransportError:
        return False


server = subprocess.Popen(command)
transport = httpx.HTTPTransport(uds=str(socket))
with httpx.Client(transport=transport, base_url="http://shop") as client:
    while not answers():
        time.sleep(0.05)
    for path in asked.paths.split(","):
        print("POST", path, client.post(path, params={"number": 1}).status_code)
for _ in range(asked.signals):
    print("SIGTERM", flush=True)
    server.terminate()
    time.sleep(0.5)
server.wait()
socket.unlink(missing_ok=True)
