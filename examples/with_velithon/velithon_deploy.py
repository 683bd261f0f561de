import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = Path("shop.sock")
app = sys.argv[1] if len(sys.argv) > 1 else "main:app"
command = [sys.executable, "-u", "-m", "granian", app, "--uds", str(socket)]


def answers() -> bool:
    try:
        return client.get("/").status_code == 404
    except httpx.TransportError:  # its worker is not up yet
        return False


with Path("server.log").open("w") as log:
    server = subprocess.Popen(
        [*command, "--log-level", "error"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
transport = httpx.HTTPTransport(uds=str(socket))
with httpx.Client(transport=transport, base_url="http://shop") as client:
    while not answers() and server.poll() is None:
        time.sleep(0.05)
    print("POST /invoices", client.post("/invoices").status_code)
print("SIGTERM")
server.terminate()
for line in server.stdout or ():  # until its end
    print(line, end="")
server.wait()
print("the server has stopped")
socket.unlink(missing_ok=True)
