"""Workers of the queues behind the engines, as their users start them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tests.engines.programs import PROGRAMS, Program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.engines.warden import Warden

READY: dict[str, str] = {
    "celery": r"celery@\S+ ready\.",
    "rq": r"\*\*\* Listening on",
    "taskiq": r"Listening started\.",
    "procrastinate": r"Starting worker on",
}
"""What each prints when it takes work, at the level INFO."""


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Lay out the files that a program finds where it is started."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def start_worker(
    command: str,
    *,
    folder: Path,
    warden: Warden,
    ready: str | None = None,
    times: int = 1,
    env: Mapping[str, str] | None = None,
    name: str = "worker",
) -> Program:
    """Start one in `folder` and wait until it takes work; `times` for each of its processes."""
    program, *options = shlex.split(command)
    worker = Program(
        [str(PROGRAMS / program), *options],
        folder,
        warden=warden,
        name=name,
        env={"PYTHONPATH": str(folder), **(env or {})},
    )
    try:
        worker.until_it_says(ready or READY[program], times=times)
    except AssertionError:
        worker.kill()
        raise
    return worker
