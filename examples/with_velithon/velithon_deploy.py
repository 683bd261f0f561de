import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = Path("shop.sock")
app = sys.argv[1] if len(sys.argv) > 1 else "main:app"
command = ["granian", app, "--uds", str(socket), "--log-level", "error"]
with Path("server.log").open("w") as log:
    server = subprocess.Popen([sys.executable, "-u", "-m", *command], stderr=log)
while not socket.exists() and server.poll() is None:
    time.sleep(0.05)
transport = httpx.HTTPTransport(uds=str(socket), retries=4)
with httpx.Client(transport=transport, base_url="http://shop") as client:
    print("POST /invoices", client.post("/invoices", timeout=60).status_code)
print("SIGTERM", flush=True)
server.terminate()
server.wait()
socket.unlink(missing_ok=True)
