import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from doors import wait_until

SOCKET = Path("shop.sock")
COMMAND = ["granian", "main:app", "--uds", str(SOCKET)]
LOG = Path("server.log")


@pytest.fixture(scope="session")
def shop() -> Iterator[httpx.Client]:
    for left_over in (*Path().glob("*.closed"), *Path().glob("*.txt"), SOCKET):
        left_over.unlink(missing_ok=True)
    with LOG.open("w") as log:
        python = [sys.executable, "-u", "-m"]
        server = subprocess.Popen([*python, *COMMAND], stdout=log, stderr=log)
    transport = httpx.HTTPTransport(uds=str(SOCKET))
    try:
        with httpx.Client(
            transport=transport, base_url="http://shop", timeout=10
        ) as client:
            wait_until(lambda: answers(client) or server.poll() is not None)
            assert server.poll() is None, LOG.read_text()
            yield client
    finally:
        server.terminate()
        server.wait()


def answers(client: httpx.Client) -> bool:
    try:
        client.get("/")
    except httpx.TransportError:  # its worker is not up yet
        return False
    return True
