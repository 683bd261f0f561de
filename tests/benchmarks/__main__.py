"""Measures the rows that are named, or all, prints them and keeps them as JSON."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from tests.benchmarks import (
    building,
    importing,
    inline,
    later,
    page,
    proving,
    queueing,
    serving,
    storing,
)
from tests.benchmarks.profiles import profiles
from tests.benchmarks.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.rows import Row

SUBJECTS: dict[Callable[[bool], Iterator[Row]], set[str]] = {
    building.rows: {"S1", "S2", "S13"},
    inline.rows: {"S3", "S3m", "S4", "S5", "S6", "S7"},
    serving.rows: {"S8", "S9", "S10", "S11", "S12"},
    later.rows: {"S14", "S14t", "S15"},
    queueing.rows: {"S16"},
    storing.rows: {"S17", "S18"},
    importing.rows: {"S19", "S19b"},
    proving.rows: {"S20"},
}


def main() -> int:
    """Run; a goal that is missed is reported, and no failure."""
    known = sorted(set[str]().union(*SUBJECTS.values()), key=lambda key: (len(key), key))
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {' '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: two minutes")
    parser.add_argument("--keep", action="store_true", help="a whole run, for the page to show")
    options = parser.parse_args()
    if options.keep and (options.rows or options.quick):
        parser.error("--keep is for a whole run: leave out --quick and the names of rows")
    if unknown := set(options.rows) - set(known):
        parser.error(f"no such row: {' '.join(sorted(unknown))}; there are {' '.join(known)}")
    logging.getLogger("postlude").setLevel(logging.ERROR)
    table = Table(quick=options.quick)
    for measure, keys in SUBJECTS.items():
        if not options.rows or keys.intersection(options.rows):
            for row in measure(options.quick):
                if not options.rows or row.key in options.rows:
                    table.add(row)
    table.write()
    if options.keep:
        page.keep({**table.facts(), "profiles": profiles()})
        print(f"kept for the page in {page.SHOWN}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
