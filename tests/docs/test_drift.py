"""The site refuses to be built on a library that does not keep its promises.

Each test breaks `await task()` in a copy of the project and proves pages there, as a writer would.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = "docs/guides/run-several-tasks.md"

NOTHING = """
async def _nothing(self, **_):
    return None


BackgroundTasks.__call__ = BackgroundTask.__call__ = _nothing
"""

BEFORE_THE_RESPONSE = """
_built, _called = BackgroundTask.__init__, BackgroundTask.__call__


def _run_at_once(self, *args, **kwargs):
    import threading

    import anyio

    _built(self, *args, **kwargs)
    early = threading.Thread(target=anyio.run, args=(_called, self))
    early.start()
    early.join()


async def _nothing(self, **_):
    return None


BackgroundTask.__init__ = _run_at_once
BackgroundTasks.__call__ = BackgroundTask.__call__ = _nothing
"""

TWICE = """
def _twice(call):
    async def again(self, **options):
        await call(self, **options)
        await call(self, **options)

    return again


BackgroundTasks.__call__ = _twice(BackgroundTasks.__call__)
BackgroundTask.__call__ = _twice(BackgroundTask.__call__)
"""

IN_REVERSE = """
_forwards = BackgroundTasks.__call__


async def _backwards(self, **options):
    self.tasks.reverse()
    await _forwards(self, **options)


BackgroundTasks.__call__ = _backwards
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of everything that a page needs, with a short patience for lines that never come."""
    for name in ("docs", "examples", "src"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    hurried = settings.replace("[tool.proofread]", "[tool.proofread]\nlog_timeout = 2.0", 1)
    (tmp_path / "pyproject.toml").write_text(hurried, encoding="utf-8")
    return tmp_path


def prove(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "proofread", "test", PAGE],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_is_proven_while_the_library_keeps_its_promises(project: Path) -> None:
    proven = prove(project)
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert " 0 unproven" in proven.stdout


# What the log of the page's first order must be told to lack, or to have too much, and where.
NEVER_RAN = (
    r"-stock: start\n-stock: end\n(-.*\n)*-analytics: end\n"
    r"\+group of 'reserve_stock', .* was created but never run: "
)
# A log is judged as soon as it differs, so what follows may be missing.
RAN_EARLY = r"'POST /orders' had ended when 'reserve stock' began; it ended [\d.]+ ms later\."
RAN_LAST_FIRST = r"\n-stock: start\n(-.*\n)* analytics: start\n"
# The log may have been as it should before the tasks began again; then the server is told of it.
RAN_AGAIN = r"\n analytics: end\n\+stock: start\n|The server printed .*\n(.*\n)*?stock: start\n"


def reports_on_the_order(said: str) -> list[str]:
    """What the proof says of the first order's log and timeline, and of its server."""
    reports: list[str] = re.findall(rf"^{PAGE}:(?s:.*?)^  rerun: .*", said, re.MULTILINE)
    signs = ("│ email to ada@example.com: start", "│ POST /orders ", "The server printed what no")
    return [report for report in reports if any(sign in report for sign in signs)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(NOTHING, NEVER_RAN, id="does-nothing"),
        pytest.param(BEFORE_THE_RESPONSE, RAN_EARLY, id="before-the-response"),
        pytest.param(TWICE, RAN_AGAIN, id="twice"),
        pytest.param(IN_REVERSE, RAN_LAST_FIRST, id="in-reverse"),
    ],
)
def test_a_broken_library_fails_the_proof_for_what_it_broke(
    project: Path, change: str, reason: str
) -> None:
    module = project / "src" / "postlude" / "_tasks.py"
    module.write_text(module.read_text(encoding="utf-8") + change, encoding="utf-8")
    refused = prove(project)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    reports = reports_on_the_order(refused.stdout)
    assert any(re.search(reason, report) for report in reports), refused.stdout
    assert all(f"rerun: nox -s docs-test -- {PAGE}:" in report for report in reports)
