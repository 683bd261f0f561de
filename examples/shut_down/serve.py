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


server = subprocess.Popen(
    [sys.executable, "-u", "-m", *command],
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
)
transport = httpx.HTTPTransport(uds=str(socket))
with httpx.Client(transport=transport, base_url="http://shop") as client:
    while not answers():
        time.sleep(0.05)
    for path in asked.paths.split(","):
        print("POST", path, client.post(path, params={"number": 1}).status_code)
for number in range(asked.signals):
    time.sleep(0.5 if number else 0)
    print("SIGTERM")
    server.terminate()
for line in server.stdout or ():  # until its end
    print(line, end="")
server.wait()
print("the server has stopped")
socket.unlink(missing_ok=True)
