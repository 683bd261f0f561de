import random
from dataclasses import dataclass, field

from events import Events, table

ARRIVING = 50  # requests a second, each with a task
WORKERS = 60  # tasks a second that all workers together can do
DOWN = (30.0, 60.0)  # seconds in which the broker is away
KILLED = 50.0  # the second at which one of two servers is killed
SPAN = 400.0
HOLDS = {"the broker": "refused", "memory": "lost", "a file": "kept"}


@dataclass
class Story:
    """What becomes of requests that find no broker, by where their tasks go."""

    hold: str
    accepted: int = 0
    refused: int = 0
    lost: int = 0
    held: int = 0
    waiting: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        self._events, self._dice = Events(), random.Random(7)
        self._in_broker = 0
        self._request()
        self._work()
        self._look()
        self._events.after(KILLED, self._kill)
        self._events.after(DOWN[1], self._hand_over)
        self._events.run(SPAN)

    @property
    def _is_down(self) -> bool:
        return DOWN[0] <= self._events.now < DOWN[1]

    def caught_up(self) -> int:
        """Seconds from the end of the outage until the queue is short, and stays so."""
        after = self.waiting[int(DOWN[1]) :]
        return 1 + max(at for at, number in enumerate(after) if number >= ARRIVING)

    def _request(self) -> None:
        self._events.after(self._dice.expovariate(ARRIVING), self._request)
        self._ask(1)

    def _ask(self, times: int) -> None:
        if not self._is_down:
            self.accepted += 1
            self._in_broker += 1
        elif HOLDS[self.hold] == "refused":
            self.refused += 1
            wait = self._dice.uniform(0, 2.0**times)
            self._events.after(wait, lambda: self._ask(times + 1))  # the client's retry
        else:
            self.accepted += 1
            self.held += 1

    def _kill(self) -> None:
        if HOLDS[self.hold] == "lost":
            self.lost = self.held // 2
            self.held -= self.lost

    def _hand_over(self) -> None:
        self._in_broker, self.held = self._in_broker + self.held, 0

    def _work(self) -> None:
        self._events.after(1 / WORKERS, self._work)
        if self._in_broker and not self._is_down:
            self._in_broker -= 1

    def _look(self) -> None:
        self.waiting.append(self._in_broker + self.held)
        self._events.after(1.0, self._look)


def rows() -> list[tuple[str, int, int, int, int]]:
    """Answers of 503, tasks lost, the longest queue, and when it is short again."""
    return [
        (story.hold, story.refused, story.lost, max(story.waiting), story.caught_up())
        for story in map(Story, HOLDS)
    ]


if __name__ == "__main__":
    table(
        ("202 means it is in", "503s", "lost", "most waiting", "caught up after"),
        [(*row, f"{after} s") for *row, after in rows()],
    )
