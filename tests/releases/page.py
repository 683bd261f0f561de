"""What the page shows of the last runs, made from what was kept of them and never by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.releases.suite import FRAMEWORKS

HERE = Path(__file__).parent
KEPT, SHOWN = HERE / "tested.json", HERE / "tested.md"
Row = dict[str, Any]


def keep(rows: dict[str, Row]) -> None:
    """Write both files, which are committed together; rows that were not run anew stay."""
    every = kept() | rows
    ordered = {one.name: every[one.name] for one in FRAMEWORKS if one.name in every}
    KEPT.write_text(json.dumps(ordered, indent=2) + "\n")
    SHOWN.write_text(shown(ordered))


def kept() -> dict[str, Row]:
    """The last run of each framework that was kept."""
    rows: dict[str, Row] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return rows


def shown(rows: dict[str, Row]) -> str:
    """The table that the page includes."""
    titles = {one.name: one.title for one in FRAMEWORKS}
    lines = [
        "| Framework | Oldest | Newest | Tests | Python | Run on |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        oldest, newest = row["oldest"], row["newest"]
        beside = f" with {oldest['beside']}" if oldest.get("beside") else ""
        cells = [titles[name], oldest["version"] + beside, newest["version"], oldest["tests"]]
        lines.append(f"| {' | '.join(map(str, [*cells, row['python'], row['date']]))} |")
    return "\n".join(lines) + "\n"
