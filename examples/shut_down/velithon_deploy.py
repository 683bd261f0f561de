import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = "shop.sock"
command = ["granian", "main:app", "--uds", socket, "--log-level", "warning"]
with Path("server.log").open("w") as log:
    server = subprocess.Popen([sys.executable, "-u", "-m", *command], stderr=log)
transport = httpx.HTTPTransport(uds=socket)


def answers() -> bool:  # the socket is there before its worker is
    try:
        return client.get("/").status_code == 404
    except httpx.TransportError:
        return False


with httpx.Client(transport=transport, base_url="http://shop") as client:
    while not answers() and server.poll() is None:
        time.sleep(0.05)
    print("POST /invoices", client.post("/invoices?number=1").status_code)
print("SIGTERM", flush=True)
server.terminate()
server.wait()
