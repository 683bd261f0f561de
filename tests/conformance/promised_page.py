"""What the pages of engines show of their checks, made from what was kept and never by hand."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from postlude.testing._engine_promises import PROMISES

HERE = Path(__file__).parent
KEPT = HERE / "promised.json"
TITLES = {"celery": "Celery", "rq": "RQ", "taskiq": "taskiq", "procrastinate": "Procrastinate"}
COLUMNS = {
    "celery": {"set": "as here", "plain": "as it comes"},
    "rq": {"set": "as here", "plain": "as it comes"},
    "taskiq": {"redis": "Redis streams", "nats": "NATS JetStream"},
    "procrastinate": {"set": "as here"},
}
"""By engine and by the check that fills it, the title of a column."""


def kept() -> dict[str, Any]:
    """What was kept of each engine: its version, and the broken promises of each check."""
    rows: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return rows


def shown_in(name: str) -> Path:
    """The file that its page includes."""
    return HERE / f"promised-{name}.md"


def shown(name: str, row: dict[str, Any]) -> str:
    """The table of an engine."""
    title = f"{TITLES[name]} {row['version']}"
    ways = COLUMNS[name]
    heads = [f"{title}, {way}" for way in ways.values()]
    lines = [f"| Promise | {' | '.join(heads)} |", "|---" * (1 + len(ways)) + "|"]
    for promise, func in PROMISES.items():
        text = f"`{promise}`: {(inspect.getdoc(func) or '').rstrip('.')}"
        cells = [_cell(row[way], promise) for way in ways]
        lines.append(f"| {text} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(broken: dict[str, str], promise: str) -> str:
    return f"**no:** {broken[promise]}" if promise in broken else "yes"


def keep(rows: dict[str, Any]) -> None:
    """Write the record and the tables, which are committed together."""
    every = kept() | rows
    KEPT.write_text(json.dumps(every, indent=2) + "\n")
    for name, row in every.items():
        shown_in(name).write_text(shown(name, row))
