"""The program `postlude`, also as `python -m postlude`."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from postlude.errors import MissingDependency


def main() -> None:
    """Run the program, or say what it needs."""
    for package in ("click", "rich"):
        if find_spec(package) is None:
            sys.exit(str(MissingDependency(package, extra="cli")))
    from postlude.cli._program import program

    program(prog_name="postlude")


if __name__ == "__main__":
    main()
