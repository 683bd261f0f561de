"""What a page finds imported in a child of the warm parent is what a fresh interpreter has.

A fresh interpreter is the judge: the same lines are run in both, and must come to the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from proofread._sandbox import Job, Sandbox, environment

# What has been imported, and which submodules can be had from their packages.
SEEN = """
import sys

known = dict(sys.modules)
listed = sorted(name for name in known if name not in IGNORED)
had = sorted(
    f"{name}.{child}"
    for name, module in known.items()
    if hasattr(module, "__path__")
    for child in vars(module)
    if known.get(f"{name}.{child}") is vars(module)[child]
)
with open("seen.json", "w") as file:
    __import__("json").dump([listed, had], file)
"""
IMPORTS = (
    "import starlette",
    "import starlette.routing",
    "from starlette import applications",
    "import starlette.applications as a",
    "import uvicorn",
    "import uvicorn.main",
    "import asyncio",
    "import importlib",
    "import importlib.util",
    "import xml.dom",
    "import logging",
    "import logging.config",
    "import concurrent",
    "import concurrent.futures",
    "import email",
    "import unittest.mock",
    "import pytest",
    "import pydantic",
    "from pydantic import BaseModel",
    "import fastapi",
    "import litestar",
    "import anyio",
    "import httpx",
    "import typing, inspect, dataclasses",
    "import ctypes, json, subprocess",
)
PRELOAD = ("pytest_examples", "fastapi", "litestar.app", "httpx", "pydantic", "uvicorn.main")
# The program itself, which a fresh interpreter lists under one name and the engine under another.
IGNORED = ("__main__",)


@pytest.fixture(scope="module")
def warm() -> Iterator[Sandbox]:
    with Sandbox(PRELOAD) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def compared(warm: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """For each line: what a fresh interpreter had after it, and what a child had."""
    root = tmp_path_factory.mktemp("unseen")

    def both(numbered: tuple[int, str]) -> list[list[str]]:
        number, line = numbered
        code = f"IGNORED = {IGNORED!r}\n{line}\n{SEEN}"
        found: list[list[str]] = []
        for kind in ("fresh", "child"):
            place = root / f"{number}-{kind}"
            place.mkdir()
            file = place / "example.py"
            if kind == "fresh":
                file.write_text(code, encoding="utf-8")
                command = [sys.executable, "example.py"]
                subprocess.run(command, cwd=place, env=environment(place), check=True)
            else:
                ending = root / f"{number}.json"
                log = root / f"{number}.log"
                job = Job("block", ("example.py",), place, log, ending, source=code)
                assert warm.start(job).wait(30) == 0, log.read_text() + ending.read_text()
            listed, had = json.loads((place / "seen.json").read_text())
            found.append([*listed, *had])
        return found

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(IMPORTS, pool.map(both, enumerate(IMPORTS)), strict=True))


@pytest.mark.parametrize("line", IMPORTS)
def test_a_page_finds_what_a_fresh_interpreter_has(
    line: str, compared: dict[str, list[list[str]]]
) -> None:
    fresh, child = map(set, compared[line])
    assert {"more": sorted(child - fresh), "less": sorted(fresh - child)} == {
        "more": [],
        "less": [],
    }
