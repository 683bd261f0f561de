"""Runs cells side by side, and tells what is new."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from examples.what_happens.columns import COLUMNS
from examples.what_happens.row import HERE, ROOT, all_rows

from proofread.experiments import Trial, read_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from examples.what_happens.columns import Column
    from examples.what_happens.row import Row

RECORD = HERE / "record"
LIMIT = 180.0
"""Seconds that a scenario may take."""


@dataclass
class Cell:
    """One row in one column."""

    row: Row
    column: Column
    kept: Trial | None = None
    came: Trial | None = None
    error: str = ""

    @property
    def name(self) -> str:
        """How a command line and the build name it."""
        return f"{self.row.name}:{self.column.name}"

    @property
    def holds(self) -> bool:
        """Whether its record is of what would run now."""
        if self.kept is None or self.kept.sources != self.row.sources(self.column):
            return False
        return not self.kept.changes(ROOT)

    @property
    def differs(self) -> bool:
        """Whether this run came to another value than the one that is kept."""
        return bool(self.came and self.kept and self.kept.value != self.came.value)


@dataclass
class Bench:
    """All cells of the matrix, and those that are to run."""

    cells: list[Cell] = field(default_factory=lambda: [*_all_cells()])

    def chosen(self, names: Collection[str], *, fresh: bool) -> list[Cell]:
        """Those that are named, by row or `row:column`; else those that do not hold."""
        if unknown := {*names} - {name for cell in self.cells for name in _names(cell)}:
            raise SystemExit(f"There is no {', '.join(sorted(unknown))}.")
        if names:
            return [cell for cell in self.cells if {*_names(cell)} & {*names}]
        return [cell for cell in self.cells if fresh or not cell.holds]

    async def run(self, cells: Iterable[Cell], *, at_once: int = 0) -> None:
        """Run them, several at once: they wait more than they work."""
        free = asyncio.Semaphore(at_once or 4 * (os.cpu_count() or 1))

        async def run(cell: Cell) -> None:
            async with free:
                start = time.monotonic()
                try:
                    async with asyncio.timeout(LIMIT):
                        cell.came = await cell.row.run(cell.column)
                except Exception as error:
                    cell.error = f"{type(error).__name__}: {error}"
                took = time.monotonic() - start
                said = cell.came.value if cell.came else f"FAILED {cell.error}"
                print(f"{cell.name}: {said} ({took:.1f} s)", flush=True)

        await asyncio.gather(*map(run, cells))


def _names(cell: Cell) -> tuple[str, str, str]:
    return cell.row.name, cell.row.number, cell.name


def _all_cells() -> Iterator[Cell]:
    for row in all_rows():
        kept = read_record(RECORD / f"{row.name}.json")
        for column in COLUMNS:
            if column.name not in row.not_applicable:
                yield Cell(row, column, kept.get(column.name))
