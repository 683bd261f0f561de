import heapq
import random

from events import table

BUSY = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
TASKS = 8_000
WORK = 0.1  # seconds a task takes, on average


def waits(busy: float, workers: int = 4) -> list[float]:
    """How long each task waits for a worker, when they are busy so much of the time."""
    dice = random.Random(7)
    free = [0.0] * workers
    found: list[float] = []
    now = 0.0
    for _ in range(TASKS):
        now += dice.expovariate(busy * workers / WORK)
        start = max(now, heapq.heappop(free))
        heapq.heappush(free, start + dice.expovariate(1 / WORK))
        found.append(start - now)
    return found


def rows() -> list[tuple[float, float, float, float]]:
    """Busy, tasks in the queue, the average wait, and that of the slowest twentieth."""
    found: list[tuple[float, float, float, float]] = []
    for busy in BUSY:
        waited = sorted(waits(busy))
        mean = sum(waited) / TASKS
        found.append((busy, busy * 4 / WORK * mean, mean, waited[TASKS * 19 // 20]))
    return found


if __name__ == "__main__":
    table(
        ("busy", "in the queue", "average wait", "slowest 5% wait"),
        [
            (f"{busy:.0%}", f"{depth:.1f}", f"{mean:.2f} s", f"{slow:.2f} s")
            for busy, depth, mean, slow in rows()
        ],
    )
