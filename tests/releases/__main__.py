"""Runs the tests of each framework on its oldest supported and its newest release."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from datetime import UTC, datetime

from tests.releases import page
from tests.releases.environment import environment, version
from tests.releases.suite import ENDS, FRAMEWORKS, Failed, Framework


def main() -> int:
    """Run; one release that fails does not keep the others from being tried."""
    names = [one.name for one in FRAMEWORKS]
    known = " ".join([*names, *ENDS])
    parser = argparse.ArgumentParser(prog="nox -s frameworks --", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help=known)
    parser.add_argument("--keep", action="store_true", help="for the reference to show")
    options = parser.parse_args()
    words = set(options.words)
    if unknown := words - {*names, *ENDS}:
        parser.error(f"no such word: {' '.join(sorted(unknown))}; there are {known}")
    chosen = [one for one in FRAMEWORKS if one.name in words or words.isdisjoint(names)]
    ends = [end for end in ENDS if end in words or words.isdisjoint(ENDS)]
    if options.keep and len(ends) < len(ENDS):
        parser.error(f"--keep is for both ends: leave out {ends[0]}")
    rows = {one.name: {end: tried(one, end) for end in ends} for one in chosen}
    print(table(rows))
    passed = {
        name: row for name, row in rows.items() if all("tests" in found for found in row.values())
    }
    if options.keep and passed:
        when = {"python": platform.python_version(), "date": datetime.now(UTC).date().isoformat()}
        page.keep({name: {**row, **when} for name, row in passed.items()})
        print(f"kept for the page in {page.SHOWN}: {' '.join(passed)}")
    return 0 if passed.keys() == rows.keys() else 1


def tried(framework: Framework, end: str) -> dict[str, str | int]:
    """The version, what was chosen to stand beside it, and how many tests passed or why not."""
    print(f"\n{framework.title}, {end} release:", flush=True)
    wanted = framework.wanted(end)
    try:
        python = environment(f"{framework.name}-{end}", wanted, latest=end == "newest")
    except subprocess.CalledProcessError:
        return {"version": "", "failed": "cannot be installed"}
    found = version(python, framework.name)
    try:
        tests = framework.run(python, end)
    except Failed as error:
        return {"version": found, "failed": str(error)}
    # A reader who installs that release gets others, unless they are pinned.
    beside = " and ".join(framework.beside).replace("==", " ") if end == "oldest" else ""
    return {"version": found, "beside": beside, "tests": tests}


def table(rows: dict[str, dict[str, dict[str, str | int]]]) -> str:
    """What is printed at the end."""
    lines: list[tuple[str, ...]] = [("framework", *next(iter(rows.values())), "tests")]
    for name, row in rows.items():
        ends = [f"{found['version']} {found.get('failed', 'passed')}" for found in row.values()]
        tests = " + ".join(str(found.get("tests", "?")) for found in row.values())
        lines.append((name, *ends, tests))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "\n".join(["", *padded])


if __name__ == "__main__":
    sys.exit(main())
