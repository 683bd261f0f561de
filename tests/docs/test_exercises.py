"""What the server of an exercise says is found in its log, however it is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

WAYS = """
import logging
import os
import sys
import threading
import warnings


async def forgotten() -> None: ...


def fail() -> None:
    raise ValueError("a thread fails")


def say() -> None:
    print("a line is printed")
    os.write(1, b"a library writes\\n")
    logging.getLogger("a.library").error("an error is logged")
    warnings.warn("somebody is warned")
    forgotten()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
"""
SAID = [
    "a line is printed",
    "a library writes",
    "an error is logged",
    "UserWarning: somebody is warned",
    "RuntimeWarning: coroutine 'forgotten' was never awaited",
    "ValueError: a thread fails",
    "RuntimeError: a request fails",
]
UVICORN = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from ways import say


async def hear(request):
    say()
    raise RuntimeError("a request fails")


app = Starlette(routes=[Route("/", hear)])
"""
GRANIAN = """
import logging

from ways import say


class App:
    async def __rsgi__(self, scope, protocol):
        say()
        try:
            raise RuntimeError("a request fails")
        except RuntimeError:
            logging.exception("as a framework reports it")
        protocol.response_str(500, [], "")


app = App()
"""
TEST = """
from server_log import LOG


def test_what_is_printed_can_be_read_at_once(shop):
    assert shop.get("/").status_code == 500
    assert "a line is printed" in LOG.read_text()
"""
SPAWNED = """import multiprocessing

multiprocessing.set_start_method("spawn", force=True)

"""


@pytest.fixture(params=["uvicorn", "granian"])
def exercise(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The directory of a reader whose shop says something in each way there is."""
    shared = EXAMPLES / "shared"
    conftest = EXAMPLES / "exercises" / f"{request.param}_conftest.py"
    files = {
        "conftest.py": conftest.read_text(),
        **{name: (shared / name).read_text() for name in ("doors.py", "server_log.py")},
        "ways.py": WAYS,
        "main.py": UVICORN if request.param == "uvicorn" else GRANIAN,
        "test_shop.py": TEST,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def pytest_in(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True)


@pytest.mark.parametrize("before", ["", SPAWNED], ids=["as the system does", "spawned"])
def test_all_that_a_server_says_is_in_its_log(exercise: Path, before: str) -> None:
    conftest = exercise / "conftest.py"
    conftest.write_text(before + conftest.read_text())
    ran = pytest_in(exercise)
    assert ran.returncode == 0, ran.stdout
    log = (exercise / "server.log").read_text()
    assert [line for line in SAID if line not in log] == []


def test_a_shop_that_cannot_be_imported_is_shown_with_its_error(exercise: Path) -> None:
    (exercise / "main.py").write_text('raise ValueError("main.py is broken")')
    ran = pytest_in(exercise)
    assert ran.returncode == 1
    assert "ValueError: main.py is broken" in ran.stdout
    assert "ValueError: main.py is broken" in (exercise / "server.log").read_text()
