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

LEAD = re.compile(r"[\s>]*")


def accept(results: Iterable[Result]) -> list[str]:
    """Rewrite what can be rewritten; returns the differences, and what was left alone."""
    wanted: dict[Path, dict[Block, set[str]]] = defaultdict(lambda: defaultdict(set))
    for result in results:
        if result.actual is not None:
            wanted[result.block.path][result.block].add(result.actual)
    said: list[str] = []
    for path, blocks in sorted(wanted.items()):
        said += _rewrite(path, blocks)
    return said or ["Nothing to accept: no output differs."]


def _rewrite(path: Path, blocks: dict[Block, set[str]]) -> list[str]:
    before = path.read_text(encoding="utf-8")
    lines = before.split("\n")
    said: list[str] = []
    for block, versions in sorted(blocks.items(), key=lambda item: -item[0].line):
        if block.included or path.suffix != ".md":
            said.append(f"{path}:{block.line}: left alone, its text stands in another file.")
        elif len(versions) > 1:
            said.append(
                f"{path}:{block.line}: left alone, the tabs differ: put this block into tabs."
            )
        else:
            lead = LEAD.match(lines[block.line - 1])
            indent = lead.group() if lead else ""
            new = [(indent + line).rstrip() for line in versions.pop().split("\n")]
            lines[block.line : block.end_line - 1] = new
    after = "\n".join(lines)
    _replace(path, after)
    return [
        *said,
        *difflib.unified_diff(
            before.splitlines(), after.splitlines(), str(path), str(path), "", "", 2, ""
        ),
    ]


def _replace(path: Path, text: str) -> None:
    """All of it or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    Path(name).chmod(path.stat().st_mode)
    Path(name).replace(path)
