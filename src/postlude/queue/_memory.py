"""What waits in a queue, kept in memory."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from postlude.queue._item import Item

# So many items that have left may linger before the lines are made anew, besides as many as wait.
SLACK = 64


class Line:
    """Items by priority, and first come, first served within one.

    An item that has left (`waiting` is false) is dropped when it comes to the front.
    """

    __slots__ = ("_levels", "_ranks")

    def __init__(self) -> None:
        """Begin with none."""
        self._levels: dict[int, deque[Item]] = {}
        self._ranks: list[int] = []

    def push(self, item: Item) -> None:
        """Put an item at the end of its priority."""
        level = self._levels.get(item.priority)
        if level is None:
            level = self._levels[item.priority] = deque()
            heappush(self._ranks, -item.priority)
        level.append(item)

    def first(self) -> Item | None:
        """The item whose turn it is; it stays."""
        level = self._front()
        return level[0] if level else None

    def take(self) -> Item | None:
        """The item whose turn it is; it leaves."""
        level = self._front()
        return level.popleft() if level else None

    def _front(self) -> deque[Item] | None:
        while self._ranks:
            level = self._levels[-self._ranks[0]]
            while level:
                if level[0].waiting:
                    return level
                level.popleft()
            del self._levels[-heappop(self._ranks)]
        return None

    def __iter__(self) -> Iterator[Item]:
        for rank in sorted(self._ranks):
            for item in self._levels[-rank]:
                if item.waiting:
                    yield item


class Backlog:
    """All that waits: in one line for workers that take anything, and in one per type.

    The lines by type exist from the first question about types on. An item stands in both and
    leaves both at once, since its `waiting` says whether it is still there.
    """

    __slots__ = ("_all", "_by_kind", "_gone", "_number", "size")

    def __init__(self) -> None:
        """Begin with none."""
        self.size = 0
        self._all = Line()
        self._by_kind: dict[str, Line] | None = None
        self._gone = 0
        self._number = 0

    def push(self, item: Item) -> None:
        """Put an item in line."""
        self._number += 1
        item.number = self._number
        item.waiting = True
        self.size += 1
        self._all.push(item)
        if self._by_kind is not None:
            self._file(item)

    def first(self, kinds: Iterable[str] | None) -> Item | None:
        """The item whose turn it is among these types (`None`: among all); it stays."""
        if not self.size:
            return None
        if kinds is None:
            return self._all.first()
        by_kind = self._lines_by_kind()
        best: Item | None = None
        for kind in kinds:
            line = by_kind.get(kind)
            item = line.first() if line is not None else None
            if item is not None and (best is None or _turn(item) < _turn(best)):
                best = item
        return best

    def take(self, kinds: Iterable[str] | None) -> Item | None:
        """The item whose turn it is among these types; it leaves."""
        if kinds is None and self._by_kind is None:
            item = self._all.take()
            if item is not None:
                item.waiting = False
                self.size -= 1
            return item
        item = self.first(kinds)
        if item is not None:
            self.remove(item)
        return item

    def remove(self, item: Item) -> None:
        """Take an item out, from wherever in the line it stands."""
        item.waiting = False
        self.size -= 1
        self._gone += 1
        if self._gone > self.size + SLACK:
            self._renew()

    def __iter__(self) -> Iterator[Item]:
        return iter(self._all)

    def _renew(self) -> None:
        left, self._all, self._gone = list(self._all), Line(), 0
        if self._by_kind is not None:
            self._by_kind = {}
        for item in sorted(left, key=_turn):
            self._all.push(item)
            if self._by_kind is not None:
                self._file(item)

    def _lines_by_kind(self) -> dict[str, Line]:
        if self._by_kind is None:
            self._by_kind = {}
            for item in self._all:
                self._file(item)
        return self._by_kind

    def _file(self, item: Item) -> None:
        assert self._by_kind is not None
        line = self._by_kind.get(item.kind)
        if line is None:
            line = self._by_kind[item.kind] = Line()
        line.push(item)


def _turn(item: Item) -> tuple[int, int]:
    return -item.priority, item.number
