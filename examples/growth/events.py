import heapq
from collections.abc import Callable, Iterable


class Events:
    """What is to happen, and when; time jumps from one to the next."""

    def __init__(self) -> None:
        self.now = 0.0
        self._next: list[tuple[float, int, Callable[[], object]]] = []
        self._number = 0

    def after(self, seconds: float, happens: Callable[[], object]) -> None:
        self._number += 1
        heapq.heappush(self._next, (self.now + seconds, self._number, happens))

    def run(self, until: float) -> None:
        while self._next and self._next[0][0] <= until:
            self.now, _, happens = heapq.heappop(self._next)
            happens()


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells))
