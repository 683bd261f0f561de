"""All Python blocks of all pages, linted and checked for format by one ruff process each."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from proofread._model import Block, Page, Problem
from proofread._roles import role_of

RUFF = (sys.executable, "-m", "ruff")


def lint(
    pages: Iterable[Page], *, root: Path, line_length: int, ignore: Sequence[str]
) -> list[Problem]:
    """What ruff says with the project's own settings, on the pages' lines."""
    blocks = {
        f"block_{number}.py": block
        for number, block in enumerate(
            block for page in pages for block in page.blocks if role_of(block) == "python"
        )
    }
    if not blocks:
        return []
    with tempfile.TemporaryDirectory(prefix="proofread-lint-") as directory:
        for name, block in blocks.items():
            Path(directory, name).write_text(block.text, encoding="utf-8")
        config = ("--config", str(root / "pyproject.toml"), "--line-length", str(line_length))
        settings = ("--no-cache", *config, directory)
        ignored = ("--extend-ignore", ",".join(ignore)) if ignore else ()
        problems = [*_checked(blocks, (*ignored, *settings)), *_unformatted(blocks, settings)]
    return sorted(problems, key=lambda problem: (problem.path, problem.line))


def _checked(blocks: dict[str, Block], settings: tuple[str, ...]) -> Iterator[Problem]:
    found: list[dict[str, Any]] = json.loads(_ruff("check", "--output-format", "json", *settings))
    for finding in found:
        block = blocks[Path(finding["filename"]).name]
        line = block.at(finding["location"]["row"])
        yield Problem(block.path, line, f"{finding['code']}: {finding['message']}")


def _unformatted(blocks: dict[str, Block], settings: tuple[str, ...]) -> Iterator[Problem]:
    for line in _ruff("format", "--check", *settings).splitlines():
        name = Path(line.removeprefix("Would reformat: ")).name
        if name in blocks:
            block = blocks[name]
            yield Problem(block.path, block.line, "Not as `ruff format` would write it.")


def _ruff(*arguments: str) -> str:
    ended = subprocess.run([*RUFF, *arguments], capture_output=True, text=True, check=False)
    # What is no Python has no format; the check has said so.
    if ended.returncode > 1 and "invalid-syntax" not in ended.stdout:
        raise RuntimeError(f"ruff could not run: {ended.stderr.strip() or ended.stdout.strip()}")
    return ended.stdout
