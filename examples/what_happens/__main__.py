"""`python -m examples.what_happens`: run what does not hold any more, and compare."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from examples.what_happens.bench import RECORD, Bench, Cell
from examples.what_happens.page import write_pages
from examples.what_happens.row import all_rows

from proofread.experiments import read_record, write_record

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run cells; the exit status is 0 only if each came to what is kept."""
    parser = argparse.ArgumentParser(prog="nox -s what-happens --", description=__doc__)
    parser.add_argument(
        "cells", nargs="*", metavar="ROW[:COLUMN]", help="run just these"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep what came, for the pages"
    )
    parser.add_argument("--fresh", action="store_true", help="run all, also what holds")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="note it there, and compare nothing"
    )
    parser.add_argument(
        "--at-once", type=int, default=0, metavar="N", help="default: 4 a core"
    )
    asked = parser.parse_args(arguments)
    bench = Bench()
    cells = bench.chosen(asked.cells, fresh=asked.fresh)
    asyncio.run(bench.run(cells, at_once=asked.at_once))
    failed = [cell for cell in cells if cell.error]
    if asked.to:
        _note(cells, asked.to)
        return 1 if failed else 0
    for cell in cells:
        if asked.cells and cell.came:
            print("", cell.name, *cell.came.seen, sep="\n  ")
    different = [cell for cell in cells if cell.differs]
    new = sum(cell.kept is None for cell in cells)
    for cell in different:
        _tell(cell)
    _print_table(bench, {cell.row.name for cell in cells})
    if asked.keep:
        _note(cells, RECORD)
        _drop_what_is_gone()
        write_pages(all_rows())
    left = len(bench.cells) - len(cells)
    print(
        f"{len(cells)} run, {left} not; {len(different)} differ, {len(failed)} failed."
    )
    return 1 if failed or ((new or different) and not asked.keep) else 0


def _note(cells: list[Cell], folder: Path) -> None:
    """Put what came into the records of a folder, beside what is there already."""
    for row in {cell.row.name: cell.row for cell in cells}.values():
        file = folder / f"{row.name}.json"
        came = {
            c.column.name: c.came for c in cells if c.row.name == row.name and c.came
        }
        trials = {**read_record(file), **came}
        wanted = {
            name: t for name, t in trials.items() if name not in row.not_applicable
        }
        write_record(file, dict(sorted(wanted.items())))


def _drop_what_is_gone() -> None:
    rows = {row.name for row in all_rows()}
    for file in RECORD.glob("*"):
        if file.stem not in {*rows, "matrix"}:
            file.unlink()


def _tell(cell: Cell) -> None:
    print(f"\n{cell.name} differs: docs/what-happens-when/{cell.row.page}")
    for said, trial in (("kept", cell.kept), ("came", cell.came)):
        if trial is not None:
            on = ", ".join(f"{n} {v}" for n, v in trial.versions.items())
            print(f"  {said}: {trial.value!r} on {on}")


def _print_table(bench: Bench, rows: set[str]) -> None:
    for cell in bench.cells:
        if cell.row.name in rows:
            trial = cell.came or cell.kept
            said = trial.value if trial else "not run"
            print(f"{cell.row.number:5}{cell.row.name:40}{cell.column.name:22}{said}")


if __name__ == "__main__":
    sys.exit(main())
