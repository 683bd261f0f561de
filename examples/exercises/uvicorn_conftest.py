import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from doors import wait_until

COMMAND = ["uvicorn", "main:app", "--port", "0"]  # 0 is any port that is free
LOG = Path("server.log")


@pytest.fixture(scope="session")
def shop() -> Iterator[httpx.Client]:
    for left_over in (*Path().glob("*.closed"), *Path().glob("*.txt")):
        left_over.unlink()
    with LOG.open("w") as log:
        python = [sys.executable, "-u", "-m"]
        server = subprocess.Popen([*python, *COMMAND], stdout=log, stderr=log)
    try:
        wait_until(lambda: address() or server.poll() is not None)
        assert server.poll() is None, LOG.read_text()
        with httpx.Client(base_url=address(), timeout=10) as client:
            yield client
    finally:
        server.terminate()
        server.wait()


def address() -> str:
    found = re.search(r"running on (http://[\d.:]+)", LOG.read_text())
    return found[1] if found else ""
