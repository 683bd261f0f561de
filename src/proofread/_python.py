"""Run Python as the file a reader would paste it into, with pytest-examples' runner.

The loader is ours: an interrupt and an exit end the block like any other exception, the module is
a real script (so that spawned processes find it), and a traceback names the page's own lines.
"""

from __future__ import annotations

import code
import importlib.machinery
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NotRequired, TypedDict

from pytest_examples import CodeExample
from pytest_examples.config import ExamplesConfig
from pytest_examples.run_code import run_code

from proofread import _unseen


class Ended(TypedDict):
    """How a block ended."""

    error: str | None
    """The exception as the last lines of a traceback show it."""
    traceback: str
    fork: NotRequired[bool]
    """Whether it was not the block that ended so, but a copy that `os.fork()` made of it."""


class Script(importlib.machinery.SourceFileLoader):
    """Loads a file as `__main__`, the way `python FILE` does, and keeps what it raised."""

    raised: BaseException | None = None

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = None
        hidden = _unseen.hide()
        try:
            super().exec_module(module)
        except BaseException as error:
            self.raised = error
            if hidden is not None:
                hidden.bring_all()  # for the traceback


def run_block(source: str, *, file: Path, page: Path, line: int) -> Ended:
    """Run a block as the file `file`; `line` is the page's line above its first one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    path = str(file.resolve())
    script = Script("__main__", path)
    run_code(
        example=CodeExample.create(source, path=page, start_line=line, prefix="python"),
        python_file=Path(path),
        loader=script,
        config=ExamplesConfig(),
        enable_print_mock=False,
        print_callback=None,
        include_print=None,
        module_globals=None,
        call=None,
    )
    if script.raised is None:
        return {"error": None, "traceback": ""}
    return {
        "error": "".join(traceback.format_exception_only(script.raised)).rstrip(),
        "traceback": _on_page(script.raised, path, page, line),
    }


def _on_page(error: BaseException, path: str, page: Path, line: int) -> str:
    """The traceback from the block's first frame on, with the page's lines for the file's."""
    report = traceback.TracebackException.from_exception(error)
    stack = list(report.stack)
    while stack and stack[0].filename != path:
        del stack[0]
    moved = [
        traceback.FrameSummary(str(page), (frame.lineno or 0) + line, frame.name, line=frame.line)
        if frame.filename == path
        else frame
        for frame in stack
    ]
    report.stack = traceback.StackSummary.from_list(moved)
    return "".join(report.format()).rstrip()


def run_file(file: Path) -> None:
    """Run a file as `python FILE` does."""
    module = ModuleType("__main__")
    module.__file__ = str(file)
    sys.modules["__main__"] = module
    program = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    _unseen.hide()
    exec(program, module.__dict__)


def run_session(source: str) -> Ended:
    """Type each `>>>` into an interpreter; what it answers is shown where a terminal shows it."""
    console = code.InteractiveConsole({"__name__": "__main__"}, filename="<stdin>")
    unfinished = False
    hidden = _unseen.hide()
    if hidden is not None:
        hidden.bring("warnings")  # the console looks for it in `sys.modules`
    for line in [*source.splitlines(), ""]:
        if unfinished and not line.startswith("..."):
            unfinished = console.push("")  # the empty line that ends a body, which pages leave out
        if line.startswith(">>>") or (unfinished and line.startswith("...")):
            print(line, flush=True)
            try:
                unfinished = console.push(line[4:])
            except SystemExit as stop:
                return {"error": f"SystemExit: {stop.code}", "traceback": ""}
            sys.stdout.flush()
    return {"error": None, "traceback": ""}
