import subprocess
import sys
import time
from pathlib import Path

import httpx

socket = Path("shop.sock")
command = ["uvicorn", "main:app", "--uds", str(socket), "--log-level", "warning"]
server = subprocess.Popen([sys.executable, "-u", "-m", *command])
while not socket.exists() and server.poll() is None:
    time.sleep(0.05)
transport = httpx.HTTPTransport(uds=str(socket), retries=4)
with httpx.Client(transport=transport, base_url="http://shop") as client:
    client.post("/quotes", params={"parcel": "piano"}).raise_for_status()
server.terminate()
begin = time.monotonic()
server.wait()
print("stopped within ten seconds:", time.monotonic() - begin < 10)
