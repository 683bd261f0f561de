"""Which of its page's files a program has imported to their end, and which of these said something.

What a later program of a page imports need not be run alone as well. This file imports next to
nothing, as programs must find nothing imported that they have not imported.
"""

from __future__ import annotations

import _frozen_importlib_external
import os
import sys
import time

from proofread import _unseen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

IMPORTLIB = "<frozen importlib._bootstrap_external>"
REWRITING = "_pytest.assertion.rewrite"


class _Notes:
    """Where they go, once a program of a page has begun."""

    inside = ""
    file = -1


def watch() -> None:
    """Once in the warm parent: what imports files can note them from here on."""
    hidden = _unseen.NOTES[0].hidden if _unseen.NOTES else {}
    rewriting: Any = sys.modules.get(REWRITING) or hidden.get(REWRITING)
    loaders: list[Any] = [_frozen_importlib_external.SourceFileLoader]
    if rewriting is not None:
        loaders.append(rewriting.AssertionRewritingHook)
        _unseen.come_before(rewriting.AssertionRewritingHook)
    for loader in loaders:
        loader.exec_module = _noting(loader.exec_module)


def note(directory: str, notes: str) -> None:
    """From here on, in this process and in its forks, note a line for each file when it is done."""
    _Notes.inside = f"{directory}{os.sep}"
    _Notes.file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _noting(execute: Any) -> Callable[[Any, Any], None]:
    def exec_module(self: Any, module: Any) -> None:
        path = getattr(module, "__file__", None) or ""
        if _Notes.file < 0 or module.__name__ == "__main__" or not path.startswith(_Notes.inside):
            execute(self, module)
            return
        before, begin = _printed(), time.perf_counter()
        execute(self, module)
        seconds = time.perf_counter() - begin
        said = before is None or _printed() != before
        name = path[len(_Notes.inside) :]
        os.write(_Notes.file, f"{name}\t{seconds:.6f}\t{said:d}\n".encode())

    # Python leaves the frames of its own machinery out of a traceback, by this name.
    exec_module.__code__ = exec_module.__code__.replace(co_filename=IMPORTLIB)
    return exec_module


def _printed() -> list[int] | None:
    """How much there is to read by now; `None` while it goes where nobody would see it."""
    sizes: list[int] = []
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
            own, shown = os.fstat(stream.fileno()), os.fstat(number)
        except (AttributeError, OSError, ValueError):
            return None
        if not os.path.samestat(own, shown):
            return None
        sizes.append(shown.st_size)
    return sizes
