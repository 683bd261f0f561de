"""What the copy button must yield, from what a receipt vouches for."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ANNOTATION = re.compile(r"[ \t]*(?:#|//|--|;)[ \t]*\(\d+\)!?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Vouched:
    """A block that was proven."""

    sha256: str
    role: str


def receipts(file: Path) -> dict[str, list[Vouched]]:
    """By page of the site, its blocks in the order in which they stand; drawings are none."""
    entries = json.loads(file.read_text(encoding="utf-8"))["entries"]
    places: dict[str, dict[int, Vouched]] = defaultdict(dict)
    for entry in entries:
        if not entry["drawn"]:
            page = f"{entry['page'].removesuffix('.md')}.html"
            places[page][entry["position"]] = Vouched(entry["sha256"], entry["role"])
    return {page: [found[at] for at in sorted(found)] for page, found in places.items()}


def problems(shown: list[str], copies: list[str | None], vouched: list[Vouched]) -> list[str]:
    """Where a block is not the one that was proven, or its button yields something else."""
    if [_sha256(text) for text in shown] != [block.sha256 for block in vouched]:
        return [f"shows {len(shown)} blocks that are not the {len(vouched)} of its receipts"]
    return [
        f"block {at} ({block.role}): {copy!r} instead of {wanted!r}"
        for at, (text, copy, block) in enumerate(zip(shown, copies, vouched, strict=True))
        if copy != (wanted := runnable(text, block.role))
    ]


def runnable(text: str, role: str) -> str:
    """No prompts, no output, no response, no numbers of annotations."""
    text = ANNOTATION.sub("", text)
    if role == "http":
        text = re.split(r"^HTTP/", text, maxsplit=1, flags=re.MULTILINE)[0]
    if role == "pycon":
        typed = [line[4:] for line in text.split("\n") if re.match(r"(>>>|\.\.\.)( |$)", line)]
        text = "\n".join(typed)
    if role == "console":
        # A command goes on in the next line as long as one ends with a backslash.
        commands = re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, re.MULTILINE)
        text = "\n".join(re.sub(r"\n> ", "\n", command) for command in commands)
    return text.rstrip()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
