"""The table as it is printed, and as it is kept."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.rows import OURS

if TYPE_CHECKING:
    from tests.benchmarks.rows import Row

WRITTEN = Path("build", "bench.json")
NAMED = ("anyio", "fastapi", "granian", "litestar", "postlude", "starlette", "uvicorn", "uvloop")
PEERS = ("taskiq", "velithon")


class Table:
    """Rows, printed as they come."""

    def __init__(self, *, quick: bool) -> None:
        """Begin with none."""
        self._rows: list[Row] = []
        self._quick = quick
        print("| # | work | base | postlude | goal | met | peers |")
        print("|---|---|---|---|---|---|---|", flush=True)

    def add(self, row: Row) -> None:
        """Print one more."""
        self._rows.append(row)
        peers = ", ".join(f"{name} {value}" for name, value in row.ratios.items() if name != OURS)
        met = "yes" if row.is_met else "**no**"
        cells = (row.key, row.work, row.base, row.ours, row.goal, met, peers)
        print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)

    def write(self) -> None:
        """Write them to a file."""
        WRITTEN.parent.mkdir(exist_ok=True)
        WRITTEN.write_text(json.dumps(self.facts(), indent=2) + "\n")
        print(f"\nwritten to {WRITTEN}")

    def facts(self) -> dict[str, Any]:
        """All that was measured, as JSON has it."""
        rows = [
            {
                "key": row.key,
                "work": row.work,
                "base": row.base,
                "goal": str(row.goal),
                "met": row.is_met,
                "ratios": {name: value.facts() for name, value in row.ratios.items()},
            }
            for row in self._rows
        ]
        return {
            "date": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "quick": self._quick,
            "versions": {name: version(name) for name in (*NAMED, *PEERS)},
            "rows": rows,
        }
