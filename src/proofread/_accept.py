"""Write what happened onto the pages: `--accept`."""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from proofread._model import Block, Result

NOTHING = (
    "Nothing to accept: no output on the page differs. Where one is missing, write its block with a"
    " first guess: that is then rewritten."
)
LEAD = re.compile(r"[\s>]*")


def accept(results: Iterable[Result]) -> list[str]:
    """Rewrite what can be rewritten; returns the differences, and what was left alone."""
    told: dict[Path, dict[Block, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        told[result.block.path][result.block].append(result)
    said: list[str] = []
    for path, blocks in sorted(told.items()):
        differ = {b: runs for b, runs in blocks.items() if any(r.actual is not None for r in runs)}
        if differ:
            said += _rewrite(path, differ)
    return said or [NOTHING]


def _rewrite(path: Path, blocks: dict[Block, list[Result]]) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        before = file.read()
    end = "\r\n" if "\r\n" in before else "\n"
    lines = before.split(end)
    said: list[str] = []
    written = 0
    for block, results in sorted(blocks.items(), key=lambda item: -item[0].line):
        reason = _left_alone(block, results, lines)
        if reason:
            said.append(f"{path}:{block.line}: left alone, {reason}.")
            continue
        lead = LEAD.match(lines[block.line - 1])
        indent = lead.group() if lead else ""
        new = (results[0].actual or "").split("\n")
        lines[block.line : block.end_line - 1] = [(indent + line).rstrip() for line in new]
        written += 1
    after = end.join(lines)
    if after != before:
        _replace(path, after)
    difference = difflib.unified_diff(
        before.split(end), after.split(end), str(path), str(path), "", "", 2, ""
    )
    if written:
        said.insert(0, f"{path}: {written} rewritten. Read the difference, then prove it again.")
    return [*said[::-1], *difference]


def _left_alone(block: Block, results: list[Result], lines: list[str]) -> str | None:
    """Why an output stays as it is on the page."""
    versions = {result.actual for result in results}
    if block.included or block.path.suffix != ".md":
        return "its text stands in another file"
    if any(result.actual is None and not result.passed for result in results):
        return "it did not run in every tab"
    if None in versions or len(versions) > 1:
        return "the tabs differ: put this block into tabs"
    came = results[0].actual or ""
    if not came.strip():
        return "nothing came: mend the block above it, or delete it"
    if any(line.lstrip().startswith(("```", "~~~")) for line in came.split("\n")):
        return "what came holds a fence: show less of it"
    if _words(lines[block.line : block.end_line - 1]) != _words(block.text.split("\n")):
        return "its text does not stand between these lines"
    return None


def _words(lines: list[str]) -> list[str]:
    """Lines without what the page puts around them, to tell whether two texts are the same."""
    bare = [LEAD.sub("", line, count=1).rstrip() for line in lines]
    return [line for line in bare if line]


def _replace(path: Path, text: str) -> None:
    """All of it or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    Path(name).chmod(path.stat().st_mode)
    Path(name).replace(path)
