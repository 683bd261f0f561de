"""The site refuses to be built on a library that does not keep its promises, or on stale prose.

Each test breaks `await task()`, or what a page says, in a copy of the project and proves pages
there, as a writer would.
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
    for name in ("mkdocs.yml", ".constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    hurried = settings.replace("[tool.proofread]", "[tool.proofread]\nlog_timeout = 2.0", 1)
    (tmp_path / "pyproject.toml").write_text(hurried, encoding="utf-8")
    return tmp_path


def prove(project: Path, *pages: str) -> subprocess.CompletedProcess[str]:
    return run(project, "proofread", "test", *(pages or (PAGE,)))


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
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


def edit(project: Path, name: str, old: str, new: str) -> None:
    file = project / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def record(project: Path) -> None:
    """What runs have kept, beside the rest."""
    shutil.copytree(ROOT / "tests", project / "tests", ignore=shutil.ignore_patterns("__pycache__"))


SPEED = "docs/explanation/how-fast-is-it.md"
BY_HAND = r"typed by hand"


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        pytest.param(
            SPEED, "{{ measured.S10 }}", "0.158", f"'0.158' is {BY_HAND}, and nothing", id="ratio"
        ),
        pytest.param(
            "docs/guides/mix-def-and-async-def.md",
            "{{ version.velithon }}",
            "0.6.9",
            f"'0.6.9' is {BY_HAND}, and nothing here shows it. Write `{{{{ version.NAME }}}}`",
            id="version",
        ),
        pytest.param(
            "docs/guides/keep-tasks-across-restarts.md",
            "{{ postlude.SQLiteStore.lease in seconds }}",
            "sixty seconds",
            f"'sixty seconds' is {BY_HAND}, and nothing here shows it. A default is the code's",
            id="default",
        ),
        pytest.param(
            "src/postlude/queue/_sqlite_store.py",
            "lease: float | timedelta = 30.0",
            "claim: float | timedelta = 30.0",
            "`postlude.SQLiteStore.lease`: lease is neither a constant nor a parameter",
            id="renamed-parameter",
        ),
    ],
)
def test_prose_that_nothing_vouches_for_is_refused(
    project: Path, page: str, old: str, new: str, said: str
) -> None:
    record(project)
    edit(project, page, old, new)
    shown = page if page.startswith("docs/") else "docs/guides/keep-tasks-across-restarts.md"
    refused = prove(project, shown)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert said in refused.stdout
    assert re.search(rf"^{shown}:\d+: .*{re.escape(said[:9])}", refused.stdout, re.MULTILINE)


def test_a_cell_that_a_run_has_not_written_is_refused(project: Path) -> None:
    record(project)
    assert run(project, "tests.docs.written").returncode == 0
    for name in ("tests/conformance/promised-rq.md", "tests/releases/tested.md"):
        edit(project, name, "| 3", "| 4") if "tested" in name else edit(
            project, name, "no:", "yes:"
        )
    refused = run(project, "tests.docs.written")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert [line.partition(" ")[0] for line in refused.stdout.splitlines()] == [
        "tests/releases/tested.md", "tests/conformance/promised-rq.md"
    ]  # fmt: skip
    settings = (project / "pyproject.toml").read_text(encoding="utf-8")
    assert '"python -m tests.docs.written"' in settings  # before a site is published


PAGES = {
    "index.md": "# Guide\n\n## What is promised\n\n```python\nassert 1 + 1 == 2\n```\n",
    "reference.md": "# Reference\n\n::: postlude.RetryPolicy\n",
    "proof.md": '# Proof\n\n<div data-proofread="ledger"></div>\n',
}
MORE = """

    See <a href="../#what-is-promised">what is promised</a>."""
GONE = """<a href="../#what-is-promised">what is kept</a>,
    <img src="../shop.png" alt="A shop">."""


CONFIG = """\
site_name: Small
theme: {name: material, font: false}
plugins:
  - mkdocstrings: {handlers: {python: {paths: [src], options: {show_source: false}}}}
markdown_extensions: [md_in_html, pymdownx.highlight, pymdownx.superfences]
"""


@pytest.fixture
def small(project: Path) -> Path:
    """The library, and three pages about it."""
    for folder in ("docs", "examples"):
        shutil.rmtree(project / folder)
    settings = '[project]\nrequires-python = ">=3.11"\n'
    files = {f"docs/{name}": text for name, text in PAGES.items()}
    for name, text in (files | {"mkdocs.yml": CONFIG, "pyproject.toml": settings}).items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    return project


def test_what_a_docstring_leads_to_must_be_there(small: Path) -> None:
    first = "for which errors a task is tried again."
    edit(small, "src/postlude/_retry.py", first, first + MORE)
    proven = run(small, "proofread", "test")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    edit(small, "docs/index.md", "What is promised", "What is kept")
    edit(small, "src/postlude/_retry.py", "what is promised</a>.", f"what was</a>, {GONE}")
    refused = run(small, "proofread", "test")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "this link leads nowhere: index.html has no #what-is-promised." in refused.stdout
    assert "this link leads nowhere: the site has no shop.png." in refused.stdout
