"""The trail that a program leaves in a package: which functions it calls, and their lines.

It imports next to nothing, as programs must find nothing imported that they have not imported.
"""

from __future__ import annotations

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

ASKED = "PROOFREAD_TRAIL"
"""In the environment, the folder of the package."""
FILE = ".tmp/trail"
"""Where the trail is noted, beneath the page's directory: no file that it would list."""
IS_FUNCTION = 1  # CO_OPTIMIZED, which the body of a module or a class is not


class Trail:
    """Notes each line once; what ends by force has noted what it did so far."""

    def __init__(self, folder: str, notes: int) -> None:
        self._folder = f"{folder}{os.sep}"
        self._package = os.path.basename(folder)
        self._notes = notes
        self._seen: set[str] = set()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(self._folder):
            if code.co_filename == "<string>" and code.co_name == "__init__":
                self._note_made(frame.f_locals.get("self"))
            return None
        if not code.co_flags & IS_FUNCTION:
            return None
        file = code.co_filename[len(self._folder) :]
        self._note(f"call {file} {code.co_firstlineno}")

        def line(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "line":
                self._note(f"line {file} {frame.f_lineno}")
            return line

        return line

    def _note_made(self, made: object) -> None:
        """What a dataclass made: its `__init__` stands in no file."""
        kind = type(made)
        if f"{kind.__module__}.".startswith(f"{self._package}."):
            self._note(f"made {kind.__module__}.{kind.__qualname__} 0")

    def _note(self, step: str) -> None:
        if step not in self._seen:
            self._seen.add(step)
            os.write(self._notes, f"{step}\n".encode())


def begin(directory: str) -> None:
    """Follow this program from here on, and what it forks, if the environment asks for it."""
    folder = os.environ.get(ASKED)
    if folder is None:
        return
    path = os.path.join(directory, *FILE.split("/"))
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    trail = Trail(folder, notes)
    threading.settrace(trail)
    sys.settrace(trail)
