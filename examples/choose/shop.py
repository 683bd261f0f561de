import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn

FORK = multiprocessing.get_context("fork")  # processes that need not import all again
sys.path.insert(0, os.getcwd())


def serve(level: str) -> None:
    uvicorn.run(f"{level}:app", uds="door")


class Process:
    """A server or a worker, in a directory that may be another machine's."""

    def __init__(self, home: Path, work: Callable[..., object], *args: str) -> None:
        home.mkdir(exist_ok=True)
        self._process = FORK.Process(target=live, args=(home, work, args), daemon=True)
        self._process.start()

    def end(self, how: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, how)
        self._process.join()


def live(home: Path, work: Callable[..., object], args: tuple[str, ...]) -> None:
    os.chdir(home)
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    work(*args)


class Shop:
    """The application of one level; what its tasks do is written into a ledger."""

    def __init__(self, level: str) -> None:
        self.home = Path(f"at-{level}").absolute()
        self.home.mkdir()
        self.ledger = self.home / "ledger.txt"
        self.ledger.touch()
        os.environ["LEDGER"] = str(self.ledger)

    def start(self, work: Callable[..., object], *args: str, at: str = ".") -> Process:
        return Process(self.home / at, work, *args)

    def order(self, number: str, *, stay: bool = True) -> None:
        request = f"POST /orders?order={number} HTTP/1.1\r\nHost: shop\r\n\r\n"
        with socket.socket(socket.AF_UNIX) as client:
            while client.connect_ex(os.path.relpath(self.home / "door")):
                time.sleep(0.02)
            client.sendall(request.encode())
            if stay:
                answer = client.recv(1000)
                assert b"202 Accepted" in answer, answer

    def times(self, line: str) -> int:
        return self.ledger.read_text().splitlines().count(line)

    def wait_for(self, line: str, times: int = 1) -> None:
        while self.times(line) < times:
            time.sleep(0.02)

    def fate(self, number: str) -> str:
        return "done" if self.times(f"{number} done") else "lost"
