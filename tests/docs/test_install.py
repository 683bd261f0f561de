"""Each page can be followed by itself: it says what to install before it uses it."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofread._collect import collect_page
from proofread._config import read_site
from proofread._marked import MarkdownFactory
from proofread._model import Block
from proofread._story import stories

ROOT = Path(__file__).parents[2]
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "reference"]
INSTALL = re.compile(r"^\$ pip install (.*)$", re.MULTILINE)
COMMANDS = {"uvicorn", "pytest"}
FRAMEWORKS = ("fastapi", "starlette", "litestar", "lilya", "ravyn", "velithon", "quart")
EXTRAS = (*FRAMEWORKS, "prometheus", "opentelemetry")
MODULES = {
    "httpx": "httpx",
    "uvicorn": "uvicorn",
    "pytest": "pytest",
    "websockets.sync.client": "websockets",
    "cronsim": "postlude[cron]",
    **{f"postlude.frameworks.{name}": f"postlude[{name}]" for name in EXTRAS},
    **{f"postlude.instrumentation.{name}": f"postlude[{name}]" for name in EXTRAS},
}


@pytest.fixture(scope="module")
def markdown() -> MarkdownFactory:
    with contextlib.chdir(ROOT):
        return read_site(ROOT).markdown


def installed(block: Block) -> Iterator[str]:
    """The packages of install lines, one for each extra."""
    for line in INSTALL.findall(block.text):
        for name, extras in re.findall(r'"?([\w-]+)(?:\[([\w,]+)\])?"?', line):
            yield name
            yield from (f"{name}[{extra}]" for extra in extras.split(",") if extra)


def used(block: Block) -> Iterator[str]:
    """What a block cannot do without."""
    if block.language == "console":
        words = {line.split()[1] for line in block.text.splitlines() if line.startswith("$ ")}
        yield from words & COMMANDS
    if block.language == "python":
        for node in ast.walk(ast.parse(block.text)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            yield from (MODULES[name] for name in names if name in MODULES)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_says_what_to_install_before_it_uses_it(
    path: Path, markdown: MarkdownFactory
) -> None:
    with contextlib.chdir(ROOT):
        told = stories(collect_page(path, name=path.name, markdown=markdown))
    # What no tab can change is told besides them, without their blocks.
    for story in [story for story in told if story.variant] or told:
        have: set[str] = set()
        for block in story.shown or story.blocks:
            have.update(installed(block))
            missing = set(used(block)) - have
            assert not missing, f"{path}:{block.line}: {story.variant or 'page'}: {missing}"
