import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


def go_through(name: str) -> None:
    while Path(f"{name}.closed").exists():
        time.sleep(0.02)


@contextmanager
def closed(name: str) -> Generator[None]:
    door = Path(f"{name}.closed")
    door.touch()
    try:
        yield
    finally:
        door.unlink()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "not in 20 seconds: see server.log"
        time.sleep(0.02)
