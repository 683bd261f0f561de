import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = Path("shop.sock")
command = ["uvicorn", "main:app", "--uds", str(socket), "--log-level", "warning"]
server = subprocess.Popen(
    [sys.executable, "-u", "-m", *command],
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
)
while not socket.exists() and server.poll() is None:
    time.sleep(0.05)
transport = httpx.HTTPTransport(uds=str(socket), retries=4)
with httpx.Client(transport=transport, base_url="http://shop") as client:
    print("POST /invoices", client.post("/invoices?number=1").status_code)
print("SIGTERM")
server.terminate()
for line in server.stdout or ():  # until its end
    print(line, end="")
server.wait()
print("the server has stopped")
