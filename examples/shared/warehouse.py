import time
from pathlib import Path

from doors import go_through

VISITS = Path("visits.txt")


def visits(number: str) -> list[float]:
    lines = VISITS.read_text().splitlines() if VISITS.exists() else []
    return [float(line.split()[1]) for line in lines if line.split()[0] == number]


def book(number: str) -> None:
    go_through("warehouse")
    with VISITS.open("a") as file:
        file.write(f"{number} {time.monotonic()}\n")
    busy = int(number[-1])  # A-2 finds the warehouse busy twice
    if number.startswith("X"):
        raise ValueError(f"no article in order {number}")
    if len(visits(number)) <= busy:
        raise ConnectionError("the warehouse is busy")
