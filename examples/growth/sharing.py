from collections import deque
from collections.abc import Callable

from events import Events, table

PROCESSES = (1, 2, 4, 8, 16)
WORKERS = 8  # in each process
WORK = 0.050  # seconds of a task
COMMIT = 0.004  # seconds of a commit, in which nobody else can write
TRIP = 0.001  # seconds to a broker and back
ANSWER = 0.00005  # seconds of the broker's own, for each thing it is told
SPAN = 1.0  # seconds that are looked at


class Counter:
    """Serves one at a time, each for a moment: the lock of a file, or a broker."""

    def __init__(self, events: Events, moment: float) -> None:
        self._events = events
        self._moment = moment
        self._line: deque[Callable[[], object]] = deque()
        self._is_busy = False

    def ask(self, then: Callable[[], object]) -> None:
        self._line.append(then)
        if not self._is_busy:
            self._serve()

    def _serve(self) -> None:
        self._is_busy = bool(self._line)
        if self._is_busy:
            self._events.after(self._moment, self._served)

    def _served(self) -> None:
        self._line.popleft()()
        self._serve()


class Writer:
    """A process that tells the file; what has gathered shares a commit, or does not."""

    def __init__(self, lock: Counter, most: int) -> None:
        self._lock = lock
        self._most = most
        self._told: list[Callable[[], object]] = []
        self._is_asking = False

    def tell(self, then: Callable[[], object]) -> None:
        self._told.append(then)
        if not self._is_asking:
            self._is_asking = True
            self._lock.ask(self._committed)

    def _committed(self) -> None:
        done, self._told = self._told[: self._most], self._told[self._most :]
        self._is_asking = bool(self._told)
        if self._is_asking:
            self._lock.ask(self._committed)
        for then in done:
            then()


def per_second(processes: int, kind: str) -> float:
    """Tasks a second, when there is always another one to take."""
    events = Events()
    counter = Counter(events, ANSWER if kind == "broker" else COMMIT)
    done = [0]

    def worker(tell: Callable[[Callable[[], object]], object]) -> None:
        def take() -> None:  # two things to tell for each task: it is taken, it is done
            tell(lambda: events.after(WORK, lambda: tell(finish)))

        def finish() -> None:
            done[0] += 1
            take()

        take()

    for _ in range(processes):
        writer = Writer(counter, WORKERS if kind == "shared" else 1)
        for _ in range(WORKERS):
            if kind == "broker":
                worker(lambda then: events.after(TRIP, lambda: counter.ask(then)))
            else:
                worker(writer.tell)
    events.run(SPAN)
    return done[0] / SPAN


def rows() -> list[tuple[int, float, float, float]]:
    return [
        (
            number,
            per_second(number, "alone"),
            per_second(number, "shared"),
            per_second(number, "broker"),
        )
        for number in PROCESSES
    ]


if __name__ == "__main__":
    table(
        ("processes", "a commit each", "shared commits", "a broker"),
        [(number, *(f"{rate:.0f}/s" for rate in rates)) for number, *rates in rows()],
    )
