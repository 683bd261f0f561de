from collections.abc import Iterator
from multiprocessing import Process
from pathlib import Path

import httpx
import pytest
from doors import wait_until
from granian import Granian
from server_log import LOG, say_it_to_the_log

SOCKET = Path("shop.sock")


@pytest.fixture(scope="session")
def shop() -> Iterator[httpx.Client]:
    for left_over in (*Path().glob("*.closed"), *Path().glob("*.txt"), SOCKET):
        left_over.unlink(missing_ok=True)
    LOG.write_text("")
    server = Process(target=serve)
    server.start()
    transport = httpx.HTTPTransport(uds=str(SOCKET))
    try:
        with httpx.Client(
            transport=transport, base_url="http://shop", timeout=10
        ) as client:
            wait_until(lambda: answers(client) or not server.is_alive())
            assert server.is_alive(), LOG.read_text()
            yield client
    finally:
        server.terminate()
        server.join()


def serve() -> None:
    say_it_to_the_log()
    Granian("main:app", uds=SOCKET).serve()


def answers(client: httpx.Client) -> bool:
    try:
        client.get("/")
    except httpx.TransportError:  # its worker is not up yet
        return False
    return True
