"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

TESTS = """
import sys

import anyio
import pytest
from postlude import BackgroundTask, RetryPolicy, Succeeded


async def work(number):
    if number < 0:
        raise ValueError("negative")
    return number


def test_recorded(capture_tasks):
    anyio.run(BackgroundTask(work, 1))
    assert [task.args for task in capture_tasks] == [(1,)]


def test_run(run_immediately):
    anyio.run(BackgroundTask(work, 1))
    assert [outcome.value for outcome in run_immediately] == [1]


def test_failing_task(run_immediately):
    anyio.run(BackgroundTask(work, -1))


@pytest.mark.anyio
async def test_clock(virtual_clock):
    await virtual_clock.advance(60)
    assert virtual_clock.now == 60


def test_nothing_is_left_of_the_fixtures_before():
    from postlude import _clock, _diversion

    assert _diversion.diversions == []
    assert isinstance(_clock.clock(), _clock.RealClock)
"""


def run(folder: Path, tests: str, *arguments: str) -> str:
    """What pytest prints, run as a user's project would run it."""
    (folder / "test_shop.py").write_text(tests)
    (folder / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *arguments]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    return done.stdout + done.stderr


def plugged_in() -> list[str]:
    """How to load the plugin where the installation does not know it yet."""
    names = {point.name for point in entry_points(group="pytest11")}
    return [] if "postlude_pytest" in names else ["-p", "postlude_pytest"]


def test_its_fixtures_record_run_and_move_time(tmp_path: Path) -> None:
    printed = run(tmp_path, TESTS, *plugged_in())
    assert "4 passed, 1 failed" in printed or "1 failed, 4 passed" in printed
    # The task's error is the test's own, and shows the line of the task.
    assert 'raise ValueError("negative")' in printed
    assert "FAILED test_shop.py::test_failing_task - ValueError: negative" in printed
    assert "ERROR" not in printed.replace("ERROR    postlude", "")


def test_it_can_be_named_a_second_time(tmp_path: Path) -> None:
    printed = run(tmp_path, "def test_clock(virtual_clock): ...", "-p", "postlude_pytest")
    assert "1 passed" in printed


def test_it_says_what_its_fixtures_do(tmp_path: Path) -> None:
    printed = run(tmp_path, "", "--fixtures", *plugged_in())
    for name in ("capture_tasks", "run_immediately", "virtual_clock"):
        assert f"{name} -- " in printed


def test_a_project_that_does_not_use_it_imports_nothing_more(tmp_path: Path) -> None:
    tests = "import sys\n\n\ndef test_it():\n    assert 'postlude' not in sys.modules\n"
    assert "1 passed" in run(tmp_path, tests, *plugged_in())


def test_the_entry_point_has_the_modules_name() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["pytest11"] == {"postlude_pytest": "postlude_pytest"}
