"""Files of Python that the rest of their section imports: what does so runs them.

Whether it really has, the program notes; so nothing hangs on what is guessed here, but time.
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from proofread._prompt import code_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proofread._model import Block

TESTS = re.compile(r"^(?:test_\w+|\w+_test|conftest)\.py$")
PYTEST = re.compile(r"^\$ (?:python -m )?pytest\b", re.MULTILINE)


def imported_below(block: Block, below: Sequence[Block]) -> bool:
    """Whether a file is there to be imported, by what stands below it.

    One whose output is shown is not, nor one that does more when it is run.
    """
    if block.language != "python" or block.title is None or "__name__" in block.text:
        return False
    if below and below[0].language == "text":
        return False
    for number, other in enumerate(below):
        if other.title == block.title:
            return False
        if not _imports(other, PurePosixPath(block.title)):
            continue
        # What imports it may itself be left to others.
        return other.language != "python" or _runs(other, below[number + 1 :])
    return False


def _runs(block: Block, below: Sequence[Block]) -> bool:
    return (
        block.title is None
        or not TESTS.match(PurePosixPath(block.title).name)
        or any(PYTEST.search(other.text) for other in below if other.language == "console")
    )


def _imports(other: Block, file: PurePosixPath) -> bool:
    module = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    if other.language == "console":
        # Not `main.py` nor `-m main`, which run it as a program.
        named = rf"(?<![\w.])(?<!-m ){re.escape(module)}(?!\.py\b)(?:[:.]\w|$|\s)"
        tested = TESTS.match(file.name) and PYTEST.search(other.text)
        return bool(tested) or any(map(re.compile(named).search, _arguments(other.text)))
    if other.language not in {"python", "pycon"}:
        return False
    try:
        tree = ast.parse(code_of(other.text))
    except SyntaxError:
        return False
    return module in _modules(tree, other)


def _arguments(text: str) -> Iterator[str]:
    """What stands behind the program in each command."""
    for line in text.splitlines():
        if line.startswith("$ "):
            yield line[2:].partition(" ")[2]


def _modules(tree: ast.Module, block: Block) -> set[str]:
    """The modules that a block may import, and those of its texts: `"main:app"`."""
    package = PurePosixPath(block.title or "").parent.parts
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            lead = package[: len(package) + 1 - node.level] if node.level else ()
            start = ".".join([*lead, *([node.module] if node.module else [])])
            found |= {start, *(f"{start}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = re.match(r"([\w.]+):\w", node.value)
            found |= {named[1]} if named else set()
    return found
