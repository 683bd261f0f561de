"""Which versions a block ran on: of what its Python imports, and what its consoles start."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from proofread._prompt import code_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from proofread._model import Result

PYTHON_ROLES = frozenset({"python", "pycon"})


def versions_of(results: Iterable[Result]) -> dict[str, str]:
    """Versions of what these blocks stand on: imports of the Python, programs of the consoles."""
    names: set[str] = set()
    told: dict[str, str] = {}
    for result in results:
        told |= result.versions
        if result.role in PYTHON_ROLES:
            names |= _imports(result.block.text)
        elif result.role == "console":
            names |= _programs(result.block.text)
    return dict(sorted({**_versions(names), **told}.items()))


@cache
def _imports(code: str) -> frozenset[str]:
    """Top-level names that a block, or a session at the prompt, imports."""
    try:
        tree = ast.parse(code_of(code))
    except SyntaxError:
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def _programs(session: str) -> set[str]:
    """`uvicorn` of `$ uvicorn main:app` and of `$ python -m uvicorn main:app`."""
    found: set[str] = set()
    for line in session.splitlines():
        words = line.removeprefix("$ ").split() if line.startswith("$ ") else []
        found.update(words[2:3] if words[1:2] == ["-m"] else words[:1])
    return found - {"pip"}  # an install line is checked, not run


@cache
def distributions() -> Mapping[str, list[str]]:
    """By the name that is imported, who provides it.

    `importlib.metadata.packages_distributions` says the same, and makes a path of each of some ten
    thousand files for it, and a message of each description: a third of a second for every run.
    """
    found: dict[str, list[str]] = {}
    for distribution in metadata.distributions():
        text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
        written = re.search(r"^Name: (.+)$", text, re.MULTILINE)
        if written is None:
            continue
        for name in _provided(distribution):
            found.setdefault(name, []).append(written[1])
    return found


def _provided(distribution: metadata.Distribution) -> set[str]:
    listed = distribution.read_text("top_level.txt")
    if listed:
        return set(listed.split())
    files = [
        line.partition(",")[0] for line in (distribution.read_text("RECORD") or "").split("\n")
    ]
    tops = {
        file.partition("/")[0] if "/" in file else inspect.getmodulename(file) for file in files
    }
    return {top for top in tops if top and "." not in top}


def _versions(names: Iterable[str]) -> dict[str, str]:
    """Versions of the distributions that provide these names; the standard library has none."""
    found: dict[str, str] = {}
    for name in names:
        if name in sys.stdlib_module_names:
            continue
        # A project installed for editing is listed under no import name, only under its own.
        for distribution in distributions().get(name, [name]):
            if version := version_of(distribution):
                found[distribution] = version
    return found


@cache
def version_of(distribution: str) -> str | None:
    """The version that is installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None  # a file that the page itself saved
