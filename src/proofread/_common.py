"""Sections that are the same whatever tab is picked: one run proves them for every reader.

A section counts as one when none of its blocks stands in a tab, it starts nothing but brokers and
workers, and neither it nor a file that it uses names a file from a tab. It runs without those
files, so should it need one all the same, it fails.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from proofread._brokers import starts_any
from proofread._prompt import code_of
from proofread._roles import GENERATED, runs
from proofread._workers import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from proofread._model import Block, Page

NEEDS_NO_SERVER = frozenset({"python", "pycon", "timeline", "json", "toml", "yaml", "ini"})
ANSWERS = frozenset({"Output", "Error", "Worker log"})


def common_sections(page: Page) -> frozenset[int]:
    """The numbers of these sections."""
    files = [block for block in page.blocks if block.title and block.language not in _NO_FILES]
    changing = [block for block in files if block.tabs]
    fixed = [block for block in files if not block.tabs]
    names = _names(changing)
    return frozenset(
        number
        for number, blocks in _sections(page.blocks)
        if all(_stands_alone(block, fixed) for block in blocks)
        and not (_runs_commands(blocks) and any(map(_is_unnamed, changing)))
        and not names & _words(_with_files(blocks, fixed))
    )


_NO_FILES = frozenset({"text", GENERATED})
_LISTS = frozenset({"glob", "iglob", "iterdir", "listdir", "rglob", "scandir", "walk"})
"""What sees files without naming them."""


def _runs_commands(blocks: Iterable[Block]) -> bool:
    return any(_RUN.search(block.text) for block in blocks if block.language == "console")


def _is_unnamed(file: Block) -> bool:
    """Whether a command may look at it though no program names it: pytest does at some."""
    path = PurePosixPath(str(file.title))
    return path.suffix != ".py" or path.name == "conftest.py"


# An install line is only checked, and a status is that of the line above.
_RUN = re.compile(r"^\$ (?!(python -m )?pip install |echo \$\?$)", re.MULTILINE)


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[int, list[Block]]]:
    run = [block for block in blocks if runs(block)]
    for number, group in itertools.groupby(run, key=lambda block: block.section):
        yield number, list(group)


def _stands_alone(block: Block, fixed: Sequence[Block]) -> bool:
    if block.tabs:
        return False
    if block.language == "console":
        ran = [line for line in block.text.splitlines() if _RUN.match(line)]
        return all(_serves_all(line) or _runs_one_of(line, fixed) for line in ran)
    return block.language in NEEDS_NO_SERVER or block.title in ANSWERS


def _serves_all(line: str) -> bool:
    """Whether it starts a broker or worker, or ends them: what these import, the files say."""
    words = line.split()
    program = words[3] if words[1:3] == ["python", "-m"] and words[3:] else words[1]
    return starts_any(line) or program in KINDS or program == "pkill"


def _runs_one_of(line: str, fixed: Sequence[Block]) -> bool:
    return any(str(file.title) in line.split() for file in fixed)


def _with_files(blocks: Sequence[Block], fixed: Sequence[Block]) -> list[Block]:
    """The blocks, and what they name of the files outside tabs, and what those name."""
    unnamed = [file for file in fixed if _is_unnamed(file)]
    used = [*blocks, *unnamed] if _runs_commands(blocks) else list(blocks)
    left = [file for file in fixed if file not in used]
    while named := [file for file in left if _names([file]) & _words(used)]:
        used += named
        left = [file for file in left if file not in named]
    return used


def _names(files: Iterable[Block]) -> set[str]:
    """The words of what an import or an open would call them, and what lists them all."""
    paths = [PurePosixPath(str(file.title)).with_suffix("") for file in files]
    return {word for path in paths for word in re.findall(r"\w+", str(path))} | _LISTS


def _words(blocks: Iterable[Block]) -> set[str]:
    """All words that could be a file's: of Python, those that it imports and those it quotes."""
    return {
        word
        for block in blocks
        for word in _words_of(block.text, block.language in {"python", "pycon"})
    }


@functools.cache
def _words_of(text: str, python: bool) -> frozenset[str]:
    texts = _imported_and_quoted(text) if python else [text]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def _imported_and_quoted(code: str) -> Iterator[str]:
    try:
        tree = ast.parse(code_of(code))
    except SyntaxError:
        yield code
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr if node.attr in _LISTS else ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
