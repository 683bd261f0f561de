import subprocess
import sys
import time
from pathlib import Path

import httpx

socket, log = Path("shop.sock"), Path("server.log")
shop = ["granian", "supervised:app", "--uds", str(socket), "--log-level", "warning"]
with log.open("w") as file:
    server = subprocess.Popen([sys.executable, "-u", "-m", *shop], stderr=file)
while not socket.exists() and server.poll() is None:
    time.sleep(0.05)
transport = httpx.HTTPTransport(uds=str(socket), retries=4)
with httpx.Client(transport=transport, base_url="http://shop", timeout=60) as client:
    client.post("/quotes", params={"parcel": "piano"}).raise_for_status()
server.terminate()
begin = time.monotonic()
server.wait()
print(*(line for line in log.read_text().splitlines() if "timed out" in line))
print("stopped within ten seconds:", time.monotonic() - begin < 10)
