"""What the page shows of a whole run, made from what was kept of it and never written by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.benchmarks.rows import OURS

HERE = Path(__file__).parent
KEPT, SHOWN, NAMED = HERE / "measured.json", HERE / "measured.md", HERE / "named.json"


def keep(facts: dict[str, Any]) -> None:
    """Write the files, which are committed together."""
    KEPT.write_text(json.dumps(facts, indent=2) + "\n")
    SHOWN.write_text(shown(facts))
    NAMED.write_text(json.dumps(named(facts), indent=2) + "\n")


def kept() -> dict[str, Any]:
    """The facts of the last whole run that was kept."""
    facts: dict[str, Any] = json.loads(KEPT.read_text())
    return facts


def shown(facts: dict[str, Any]) -> str:
    """The named sections that the page includes."""
    sections = {
        "machine": _machine(facts),
        "table": _table(facts["rows"]),
        **{f"profile-{key}": _profile(shares) for key, shares in facts["profiles"].items()},
    }
    marked = (
        f"--8<-- [start:{name}]\n{text}\n--8<-- [end:{name}]\n" for name, text in sections.items()
    )
    return "\n".join(marked)


def named(facts: dict[str, Any]) -> dict[str, str]:
    """What `{{ measured.S3 }}` stands for on a page, and `{{ measured.S3-Litestar }}`."""
    return {
        row["key"] if name == OURS else re.sub(r"\W+", "-", f"{row['key']} {name}"): _spread(ratio)
        for row in facts["rows"]
        for name, ratio in row["ratios"].items()
    }


def _machine(facts: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    met = sum(row["met"] for row in facts["rows"])
    return (
        f"Measured on {facts['date']} with Python {facts['python']} on {facts['cpus']} cores: "
        f"{versions}. Of {len(facts['rows'])} goals {met} are met."
    )


def _table(rows: list[dict[str, Any]]) -> str:
    lines = ["| No. | Work | Postlude | Goal | Others | 1 is |", "|---|---|---|---|---|---|"]
    for row in rows:
        ours, *others = (
            (name, _spread(ratio))
            for name, ratio in sorted(row["ratios"].items(), key=lambda item: item[0] != OURS)
        )
        peers = "<br>".join(f"{name} {spread}" for name, spread in others)
        goal = f"{row['goal']} {'✓' if row['met'] else '✗'}"
        cells = (row["key"], row["work"], f"**{ours[1]}**", goal, peers, row["base"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(ratio: dict[str, float]) -> str:
    if ratio["median"] < 1e-4:
        return "nothing to be seen"
    median, low, high = (_figure(ratio[name]) for name in ("median", "low", "high"))
    return f"{median} ({low} to {high})"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _profile(shares: list[list[Any]]) -> str:
    lines = ["| Where | Share |", "|---|---|"]
    lines += [f"| {name} | {share:.0%} |" for name, share in shares]
    return "\n".join(lines)
