"""No server loses a task without a word when it is told to stop: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.frameworks.servers import KINDS, PATIENCE, Kind, Served, Story, tell_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL = list(KINDS)
WORKERS = [name for name, kind in KINDS.items() if kind.has_main_process]
# Where Ctrl-C means: at once.
HASTY = ["gunicorn", "gunicorn-workers"]


def scenario(play: Callable[[Served, Kind], None], kinds: list[str], **env: str) -> object:
    """A fixture with the story of each kind; all are played once, side by side."""

    @pytest.fixture(scope="module")
    def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Story | BaseException]:
        return tell_all(kinds, tmp_path_factory.mktemp(play.__name__), play, **env)

    return stories


def story_of(stories: dict[str, Story | BaseException], kind: str) -> Story:
    story = stories[kind]
    if isinstance(story, BaseException):
        raise story
    return story


def stop(served: Served, kind: Kind) -> None:
    served.get("/attached", "/attached", "/group")
    served.process.send_signal(signal.SIGTERM)
    served.until_it_refuses()
    served.gate.touch()


stopped = scenario(stop, ALL)


@pytest.mark.parametrize("kind", ALL)
def test_tasks_finish_before_the_application_ends(
    stopped: dict[str, Story | BaseException], kind: str
) -> None:
    story = story_of(stopped, kind)
    assert sorted(story.served.notes()) == ["1", "2", "done", "done"]
    assert story.served.lines()[-1] == "lifespan over"
    assert "was lost" not in story.printed
    assert "Traceback" not in story.printed


def stop_too_early(served: Served, kind: Kind) -> None:
    served.get("/attached", "/group")
    served.process.send_signal(signal.SIGTERM)


cut_off = scenario(stop_too_early, ALL, PROBE_DRAIN="0.3")


@pytest.mark.parametrize("kind", ALL)
def test_each_task_without_time_is_reported_by_name_and_id(
    cut_off: dict[str, Story | BaseException], kind: str
) -> None:
    story = story_of(cut_off, kind)
    lost = re.findall(r"task '(\w+)' \(id \w+\) was (lost|never)", story.printed)
    assert sorted(lost) == [("note", "never"), *[("wait_for_gate", "lost")] * 2]
    assert story.printed.count("the drain timeout of 0.3 s was over") == 3
    assert story.served.notes() == []


def stop_all_processes(served: Served, kind: Kind) -> None:
    served.get("/attached")
    served.signal_all(signal.SIGTERM)
    served.until_it_refuses()
    served.gate.touch()


told_all = scenario(stop_all_processes, ALL)


@pytest.mark.parametrize("kind", ALL)
def test_one_stop_that_reaches_every_process_is_one_signal(
    told_all: dict[str, Story | BaseException], kind: str
) -> None:
    story = story_of(told_all, kind)
    assert story.served.notes() == ["done"]
    assert len(story.served.lines()) == 1 + KINDS[kind].workers
    assert "was lost" not in story.printed


def press_ctrl_c(served: Served, kind: Kind) -> None:
    served.get("/attached")
    served.signal_all(signal.SIGINT)
    served.until_it_refuses()
    served.gate.touch()


interrupted = scenario(press_ctrl_c, [name for name in ALL if name not in HASTY])


@pytest.mark.parametrize("kind", [name for name in ALL if name not in HASTY])
def test_one_ctrl_c_is_one_signal(interrupted: dict[str, Story | BaseException], kind: str) -> None:
    story = story_of(interrupted, kind)
    assert story.served.notes() == ["done"]
    assert "was lost" not in story.printed


def press_ctrl_c_on_tasks(served: Served, kind: Kind) -> None:
    served.get("/group")
    served.signal_all(signal.SIGINT)


hurried = scenario(press_ctrl_c_on_tasks, HASTY)


@pytest.mark.parametrize("kind", HASTY)
def test_a_server_that_hurries_on_ctrl_c_still_names_each_task(
    hurried: dict[str, Story | BaseException], kind: str
) -> None:
    story = story_of(hurried, kind)
    assert story.printed.count("task 'wait_for_gate' (id ") == 1
    assert re.search(r"task 'wait_for_gate' \(id \w+\) was (lost|interrupted)", story.printed)
    assert re.search(r"task 'note' \(id \w+\) was never started", story.printed)
    assert story.served.notes() == []


def lose_patience(served: Served, kind: Kind) -> None:
    served.get("/attached")
    served.process.send_signal(signal.SIGTERM)
    if kind.has_main_process:
        # The main process keeps a second one to itself, and the log says whom to send it.
        found = served.until_it_says(r"waits up to 598 s more for 1 task\. .* \(kill -INT (\d+)\)")
        served.process.send_signal(signal.SIGTERM)
        os.kill(int(found[1]), signal.SIGINT)
    else:
        served.until_it_refuses()
        # One that comes before the drain has begun is the server's alone.
        while served.process.poll() is None:
            served.process.send_signal(signal.SIGTERM)
            time.sleep(0.1)


impatient = scenario(lose_patience, ALL, PROBE_DRAIN="600")


@pytest.mark.parametrize("kind", ALL)
def test_a_second_signal_ends_the_drain_with_the_report(
    impatient: dict[str, Story | BaseException], kind: str
) -> None:
    story = story_of(impatient, kind)
    assert re.search(
        r"task 'wait_for_gate' \(id \w+\) was lost .*SIG(TERM|INT) ended", story.printed
    )
    assert story.printed.count("0 tasks finished, 1 did not") == 1
    assert story.seconds < 10


def hurry_gunicorn(served: Served, kind: Kind) -> None:
    served.get("/group")
    served.process.send_signal(signal.SIGTERM)
    served.until_it_says("the runner waits")
    served.process.send_signal(signal.SIGINT)


quick = scenario(hurry_gunicorn, ["gunicorn", "gunicorn-uvicorn"], PROBE_DRAIN="600")


@pytest.mark.parametrize("kind", ["gunicorn", "gunicorn-uvicorn"])
def test_gunicorns_own_second_signal_ends_the_drain_with_the_report(
    quick: dict[str, Story | BaseException], kind: str
) -> None:
    story = story_of(quick, kind)
    assert story.printed.count("SIGQUIT ended the drain") == 2
    assert story.printed.count("0 tasks finished, 2 did not") == 1


def test_a_reload_lets_tasks_finish_first(tmp_path: Path) -> None:
    served = Served(KINDS["uvicorn-reload"], tmp_path)
    try:
        served.get("/attached")
        changed = tmp_path / "changed.py"

        def sees_a_change() -> bool:
            changed.write_text(str(time.monotonic()))  # again: it may not be watching yet
            return "Reloading" in served.output.read_text()

        served.until(sees_a_change)
        served.until_it_says("Waiting for application shutdown")
        assert served.notes() == []
        served.gate.touch()
        assert served.lines(2) == ["done", "lifespan over"]
        served.until(served.answers)
        served.process.send_signal(signal.SIGTERM)
        printed = served.end()
    finally:
        served.kill()
    assert "was lost" not in printed


CUTTING = {
    "uvicorn": Kind(KINDS["uvicorn-graceful"].command),
    "hypercorn": Kind(KINDS["hypercorn"].command + " --graceful-timeout 1"),
    "granian": KINDS["granian"],
}


@pytest.mark.parametrize("kind", list(CUTTING))
def test_the_tasks_of_a_request_that_is_cut_off_are_run_or_reported(
    tmp_path: Path, kind: str
) -> None:
    served = Served(CUTTING[kind], tmp_path, PROBE_DRAIN="2")

    def ask() -> None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{served.url}/slow", timeout=PATIENCE)

    client = threading.Thread(target=ask)
    client.start()
    try:
        assert served.lines(1) == ["begun"]
        served.process.send_signal(signal.SIGTERM)
        # They wait for their requests, however long.
        if kind == "granian" or (kind == "hypercorn" and sys.version_info >= (3, 12)):
            served.until_it_refuses()
            served.gate.touch()
        printed = served.end()
    finally:
        served.kill()
        client.join()
    assert ("task" in served.notes()) + printed.count("task 'note' (id ") == 1
