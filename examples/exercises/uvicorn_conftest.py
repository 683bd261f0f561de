import re
from collections.abc import Iterator
from multiprocessing import Process
from pathlib import Path

import httpx
import pytest
import uvicorn
from doors import wait_until
from server_log import LOG, say_it_to_the_log


@pytest.fixture(scope="session")
def shop() -> Iterator[httpx.Client]:
    for left_over in (*Path().glob("*.closed"), *Path().glob("*.txt")):
        left_over.unlink()
    LOG.write_text("")
    server = Process(target=serve)
    server.start()
    try:
        wait_until(lambda: address() or not server.is_alive())
        assert server.is_alive(), LOG.read_text()
        with httpx.Client(base_url=address(), timeout=10) as client:
            yield client
    finally:
        server.terminate()
        server.join()


def serve() -> None:
    say_it_to_the_log()
    uvicorn.run("main:app", port=0)  # 0 is any port that is free


def address() -> str:
    found = re.search(r"running on (http://[\d.:]+)", LOG.read_text())
    return found[1] if found else ""
