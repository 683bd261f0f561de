import random
from collections import Counter
from collections.abc import Callable

from events import Events, table

CAPACITY = 20  # calls a second that the mail service can answer
REFUSAL = 0.1  # what a call that it refuses costs it, beside one that it answers
ARRIVING = 12  # tasks a second
DOWN = (5.0, 25.0)  # seconds in which it refuses all
SPAN = 120.0

Delay = Callable[[int, random.Random], float]
POLICIES: dict[str, Delay] = {
    "each second": lambda attempt, dice: 1.0,
    "backoff": lambda attempt, dice: min(30.0, 2.0**attempt),
    "with jitter": lambda attempt, dice: dice.uniform(0, min(30.0, 2.0**attempt)),
}


class Service:
    """Answers so many calls in each second; refusing costs it a little as well."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self._answered: Counter[int] = Counter()

    def answers(self, now: float) -> bool:
        second, before = int(now), int(now) - 1
        self.calls[second] += 1
        refused = self.calls[before] - self._answered[before]
        room = CAPACITY - REFUSAL * refused
        if DOWN[0] <= now < DOWN[1] or self._answered[second] + 1 > room:
            return False
        self._answered[second] += 1
        return True


class Story:
    """What the service sees, and how many tasks are behind, second by second."""

    def __init__(self, delay: Delay) -> None:
        self.behind: list[int] = []
        self._delay = delay
        self._events, self._dice = Events(), random.Random(7)
        self._service = Service()
        self._behind = 0
        self._arrive()
        self._look()
        self._events.run(SPAN)
        self.calls = [self._service.calls[second] for second in range(int(SPAN))]

    def recovered(self) -> int | None:
        """Seconds from the end of the outage until next to none is behind."""
        end = int(DOWN[1])
        late = (
            at for at, number in enumerate(self.behind[end:]) if number <= ARRIVING / 2
        )
        return next(late, None)

    def _arrive(self) -> None:
        self._attempt(0)
        self._events.after(self._dice.expovariate(ARRIVING), self._arrive)

    def _attempt(self, made: int) -> None:
        if self._service.answers(self._events.now):
            self._behind -= made > 0
            return
        self._behind += made == 0
        delay = self._delay(made, self._dice)
        self._events.after(delay, lambda: self._attempt(made + 1))

    def _look(self) -> None:
        self.behind.append(self._behind)
        self._events.after(1.0, self._look)


def rows() -> list[tuple[str, int, int | None, int]]:
    """Each policy, its most calls in a second, when it was over, who is behind."""
    stories = {name: Story(delay) for name, delay in POLICIES.items()}
    return [
        (name, max(story.calls), story.recovered(), story.behind[-1])
        for name, story in stories.items()
    ]


if __name__ == "__main__":
    table(
        ("retries", "most calls", "recovered after", "behind at the end"),
        [
            (name, f"{most}/s", "never" if after is None else f"{after} s", behind)
            for name, most, after, behind in rows()
        ],
    )
