"""Checks that each row of the coverage is shown where it says; `--keep` writes what pages show."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.published import page
from tests.published.check import ROOT, objections, read_receipts
from tests.published.rows import Malformed, all_rows
from tests.published.site import BuiltSite


def main() -> int:
    """0 if every place is there and proven, and the page shows what the data say."""
    parser = argparse.ArgumentParser(prog="nox -s published --", description=__doc__)
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "site")
    parser.add_argument("receipts", nargs="?", type=Path, default=ROOT / "build" / "receipts.json")
    parser.add_argument("--keep", action="store_true", help="write what the pages include")
    asked = parser.parse_args()
    try:
        if asked.keep:
            page.SHOWN.write_text(page.shown(), encoding="utf-8")
            return 0
        return check(asked.site, asked.receipts)
    except Malformed as error:
        print(error)
        return 1
    except FileNotFoundError as error:
        print(f"{error.filename} is not there: `nox -s docs-test` writes it.")
        return 1


def check(site: Path, receipts: Path) -> int:
    """0 if all is well; it prints what is not, or how many rows are open."""
    rows = [row for section in all_rows().values() for row in section.values()]
    said = list(objections(rows, BuiltSite(site), read_receipts(receipts)))
    if page.SHOWN.read_text(encoding="utf-8") != page.shown():
        said.append("The coverage is stale: `nox -s published -- --keep` writes it anew.")
    print("\n".join(said) or f"Coverage of the published pages: {page.count(rows)}")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
