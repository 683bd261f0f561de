import argparse
import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = Path("shop.sock")
commands = {
    "uvicorn": f"uvicorn --uds {socket}",
    "hypercorn": f"hypercorn --bind unix:{socket}",
    "granian": f"granian --interface asgi --uds {socket}",
    "gunicorn": f"gunicorn -k asgi --bind unix:{socket}",
    "rsgi": f"granian --interface rsgi --uds {socket}",
}
parser = argparse.ArgumentParser()
parser.add_argument("server", nargs="?", default="uvicorn", choices=commands)
parser.add_argument("paths", nargs="?", default="/models,/invoices")
parser.add_argument("signals", nargs="?", type=int, default=1)
parser.add_argument("--app", default="shop:app")
asked = parser.parse_args()
command = [*commands[asked.server].split(), "--log-level", "warning", asked.app]


def answers() -> bool:
    try:
        return client.get("/").status_code == 404
    except httpx.TransportError:
        return False


server = subprocess.Popen([sys.executable, "-u", "-m", *command])
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
