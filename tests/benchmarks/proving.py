"""S20: to prove 300 plain blocks, whole command, beside the library that runs them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.rows import OURS, Goal, Row, in_turns, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGES, BLOCKS = 10, 30
PAGE_NAMES = [f"docs/page{number}.md" for number in range(PAGES)]
BASE = "pytest-examples, in one process"
SUITE = """
import pytest
from pytest_examples import CodeExample, EvalExample, find_examples


@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_docs(example: CodeExample, eval_example: EvalExample) -> None:
    eval_example.run_print_check(example)
"""
USAGE = """
import json, resource, sys
from proofread.__main__ import main

assert main(["test", "--fresh", *sys.argv[1:]]) == 0
own, rest = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print()
print(json.dumps({
    "the engine and pytest, in Python": own.ru_utime,
    "the processes of the blocks and their parent, in Python": rest.ru_utime,
    "the system: copied processes, their fences and files": own.ru_stime + rest.ru_stime,
}))
"""
CONFIG = "site_name: Proof\nmarkdown_extensions: [pymdownx.superfences, pymdownx.highlight]\n"


def rows(quick: bool) -> Iterator[Row]:
    """Measure it."""
    with tempfile.TemporaryDirectory() as base, tempfile.TemporaryDirectory() as ours:
        commands = {BASE: _examples(Path(base)), OURS: _proof(Path(ours))}
        rates = in_turns(commands, 3 if quick else 7)
    work = f"{PAGES * BLOCKS} blocks checked for output, each in a process of its own, with lint"
    yield Row("S20", f"{work}: blocks/s", BASE, Goal(3.0, at_least=True), ratios(BASE, rates))


def proof_shares() -> list[tuple[str, float]]:
    """What the proof spends the processor's time on."""
    # A process for the engine and its rusage, so that the children are those of the proof alone.
    with tempfile.TemporaryDirectory() as root:
        _proof(Path(root))
        said = subprocess.run(
            [sys.executable, "-c", USAGE, *PAGE_NAMES],
            cwd=root, check=True, capture_output=True, text=True,
        )  # fmt: skip
    took: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    whole = sum(took.values())
    shares = ((name, round(seconds / whole, 3)) for name, seconds in took.items())
    return sorted(shares, key=lambda share: -share[1])


def _examples(root: Path) -> Callable[[], float]:
    _write(root, "```python\nprint({0})\n#> {0}\n```\n\n")
    (root / "test_docs.py").write_text(SUITE)
    return _timed(root, "pytest", "-q", "-p", "no:cacheprovider", "test_docs.py")


def _proof(root: Path) -> Callable[[], float]:
    _write(root, '```python\nprint({0})\n```\n\n```text title="Output"\n{0}\n```\n\n')
    (root / "mkdocs.yml").write_text(CONFIG)
    (root / "pyproject.toml").touch()
    (root / "docs" / "index.md").touch()  # which is not asked for: so no site is built
    return _timed(root, "proofread", "test", "--fresh", *PAGE_NAMES)


def _write(root: Path, block: str) -> None:
    (root / "docs").mkdir()
    for number in range(PAGES):
        blocks = "".join(block.format(number * BLOCKS + n) for n in range(BLOCKS))
        (root / "docs" / f"page{number}.md").write_text(f"# Page {number}\n\n{blocks}")


def _timed(root: Path, *command: str) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", *command], cwd=root, check=True, stdout=subprocess.DEVNULL
        )
        return PAGES * BLOCKS / (time.perf_counter() - began)

    return measure
