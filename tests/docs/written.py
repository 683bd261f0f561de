"""Checks that what runs have written for the pages is as they have written it.

A build of the site ends with it: a cell of a table that somebody edited keeps the site back.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from examples.what_happens import page as matrix
from examples.what_happens.bench import RECORD
from examples.what_happens.row import all_rows
from tests.benchmarks import page as measured
from tests.conformance import promised_page as promised
from tests.published import page as published
from tests.releases import page as tested

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = RECORD.parents[2]


def written() -> Iterator[tuple[Path, str, str]]:
    """Each file, what it must hold by what was kept, and the command that writes it."""
    for name, text in matrix.pages(all_rows()).items():
        yield RECORD / name, text, "nox -s what-happens -- --keep"
    facts = measured.kept()
    yield measured.SHOWN, measured.shown(facts), "nox -s bench -- --keep"
    named = json.dumps(measured.named(facts), indent=2) + "\n"
    yield measured.NAMED, named, "nox -s bench -- --keep"
    yield tested.SHOWN, tested.shown(tested.kept()), "nox -s frameworks -- --keep"
    for name, row in promised.kept().items():
        yield promised.shown_in(name), promised.shown(name, row), "nox -s promises -- --keep"
    yield published.SHOWN, published.shown(), "nox -s published -- --keep"


def main() -> int:
    """0 if nobody has edited them; it prints who did."""
    files = list(written())
    edited = [
        f"{file.relative_to(ROOT)} is not what was kept of its run. `{command}` writes it."
        for file, text, command in files
        if file.read_text(encoding="utf-8") != text
    ]
    print("\n".join(edited) or f"As their runs have written them: {len(files)} files.")
    return 1 if edited else 0


if __name__ == "__main__":
    sys.exit(main())
