"""What came of the 51 published blocks when they were run, and how many of them pass which gate."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.published.rows import HERE, SECTIONS, Malformed

FILE = HERE / "blocks.toml"
PAGES = SECTIONS[:4]
GATES = {
    "alone": "runs alone, as it stands",
    "works": "works from end to end, as it stands",
    "context": "works when only its surroundings are added: imports, `app`, stubs, mounting",
    "context-right": "and does what its page says",
    "repaired": "works when its calls are corrected too",
    "repaired-right": "and does what its page says",
    "gone": "cannot be corrected: no release that was looked at has its names",
    "pasted": "runs when its whole page is pasted into one file",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one block."""

    passes: frozenset[str]
    half: frozenset[str]
    """Gates that one of its two parts passes."""
    result: str


def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def all_found() -> dict[str, Found]:
    """By the id of its row."""
    found: dict[str, Found] = {}
    for name, facts in _read()["blocks"].items():
        passes, half = frozenset(facts["passes"]), frozenset(facts.get("half", ()))
        if unknown := (passes | half) - GATES.keys():
            raise Malformed(f"{name} passes {sorted(unknown)}: the gates are {[*GATES]}")
        found[name] = Found(passes, half, facts["result"])
    return found


def of(names: Iterable[str]) -> dict[str, Found]:
    """What came of some of them, as far as they are blocks that were run."""
    every = all_found()
    return {name: every[name] for name in names if name in every}


def ran_on() -> str:
    """When they were run, and on what."""
    ran: dict[str, str] = _read()["ran"]
    return f"They were run in {ran['date']} on {ran['on']}: {ran['versions']}."


def passing(gate: str, found: Iterable[Found]) -> float:
    """How many pass a gate; one that passes it in part counts as a half."""
    return sum((gate in one.passes) + (gate in one.half) / 2 for one in found)


def gates() -> dict[str, str]:
    """The table of the gates."""
    titles: dict[str, str] = _read()["pages"]
    pages = [of(_ids(page)) for page in titles]
    head = ["A block …", *(f"{title} ({len(found)})" for title, found in
                            zip(titles.values(), pages, strict=True)), "all"]  # fmt: skip
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    for gate, text in GATES.items():
        counts = [passing(gate, found.values()) for found in pages]
        lines.append(" | ".join([text, *map(_number, [*counts, sum(counts)])]))
    return {"table": "\n".join(f"| {line} |" for line in lines)}


def _ids(letter: str) -> list[str]:
    return [name for name in all_found() if name.startswith(letter)]


def _number(count: float) -> str:
    return f"{int(count)} ½" if count % 1 else str(int(count))
