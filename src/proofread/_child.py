"""Inside a fresh process: run one job as a terminal would, and write down how it ended."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib.metadata
import io
import json
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TextIO, cast

from proofread import _fence, _imports, _leftovers, _trail, _unseen
from proofread._guard import guard
from proofread._stamps import StampedOutput


def run(job: dict[str, Any]) -> NoReturn:
    """Become the program that the job names; never returns."""
    directory = Path(job["directory"])
    (directory / ".tmp").mkdir(parents=True, exist_ok=True)
    os.chdir(directory)
    _show_on(job["output"], job["notes"])
    sys.dont_write_bytecode = True
    # The warm parent has looked at no other job's path.
    given = job["env"].get("PYTHONPATH", "")
    sys.path[0:0] = [str(directory), *filter(None, given.split(os.pathsep))]
    result = open(job["result"], "a", encoding="utf-8") if job["result"] else None  # noqa: SIM115
    if job["imports"]:
        _imports.note(os.getcwd(), job["imports"])
    _translate({int(shown): free for shown, free in job["ports"].items()})
    output = Path(job["output"])
    if job.get("memory"):
        _fence.retreat(directory, Path(job["memory"]))
    os.chdir(directory)  # again: what was mounted over it is another way in
    _fence.close(directory, output)
    if job["kind"] == "binary":
        _become(job["argv"], job["user"])
    guard(directory, output)
    _trail.begin(str(directory))
    status = _ended(lambda: program(job["argv"]) if result is None else _block(job, result))
    os._exit(status)


def _become(argv: list[str], user: int | None) -> NoReturn:
    """Run what is no Python in place of this process."""
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        _leftovers.die_with_parent()  # forgotten with the change of user
    os.execv(argv[0], argv)


def _show_on(output: str, notes: str | None) -> None:
    """Send stdout and stderr to one file, unbuffered line by line, as a terminal shows them."""
    target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    noted = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if notes else None
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = (
            io.FileIO(number, "w", closefd=False) if noted is None else StampedOutput(number, noted)
        )
        stream = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", line_buffering=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _ended(body: Callable[[], int]) -> int:
    """Run to the end as an interpreter does: join threads, call exit functions, flush."""
    status = 1
    try:
        status = body()
        getattr(threading, "_shutdown")()  # noqa: B009
        getattr(atexit, "_run_exitfuncs")()  # noqa: B009
        _drop_modules()
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
    return status


def _drop_modules() -> None:
    """Let go of what the page's modules kept: a coroutine or a task complains only then."""
    sys.is_finalizing = lambda: True  # as an interpreter says of itself by now
    if threading.active_count() == 1:  # a daemon thread would trip over the empty modules
        here = os.getcwd() + os.sep
        for name in sys.modules.keys() - _unseen.known():
            module = sys.modules[name]
            file = getattr(module, "__file__", None) or ""
            if name == "__main__" or file.startswith(here):
                vars(module).clear()
    gc.collect()


def _block(job: dict[str, Any], result: TextIO) -> int:
    _python = runner()
    me = os.getpid()
    sys.argv = list(job["argv"])
    if job["kind"] == "session":
        ended = _python.run_session(job["source"])
    else:
        file, page = Path(job["argv"][0]), Path(job["page"])
        ended = _python.run_block(job["source"], file=file, page=page, line=job["line"])
    with result:
        # A fork of the block has come this far too: one line each.
        result.write(json.dumps({**ended, "fork": os.getpid() != me}) + "\n")
    return 0 if ended["error"] is None else 1


@functools.cache
def programs() -> dict[str, importlib.metadata.EntryPoint]:
    """The commands that installed packages provide; reading all their metadata takes a while."""
    return {entry.name: entry for entry in importlib.metadata.entry_points(group="console_scripts")}


def program(argv: list[str]) -> int:
    """Run `python …`, or a command that an installed package provides."""
    name, *rest = argv
    try:
        if name == "python":
            _python_command(rest)
        else:
            sys.argv = [name, *rest]
            entry = programs()[name]
            # Where an installed script stands; it does not find the modules beside it.
            sys.path[0] = str(Path(sys.executable).parent)
            # Without a file: what it spawns would run that of the warm parent again.
            sys.modules["__main__"] = ModuleType("__main__")
            _unseen.hide()
            sys.exit(_called(entry)())
    except SystemExit as stop:
        return _status(stop.code)
    except BaseException as error:
        shown = error.__traceback__
        while (
            shown is not None
            and Path(shown.tb_frame.f_code.co_filename).parent == Path(__file__).parent
        ):
            shown = shown.tb_next
        sys.excepthook(type(error), error, shown)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _called(entry: importlib.metadata.EntryPoint) -> Callable[[], str | int | None]:
    """What an installed script imports; `entry.load` would not find `package:module.function`."""
    found: Any = __import__(entry.module, fromlist=[entry.attr.partition(".")[0]])
    for name in entry.attr.split("."):
        found = getattr(found, name)
    return cast("Callable[[], str | int | None]", found)


@functools.cache
def runner() -> ModuleType:
    """What runs Python, imported late: the engine itself has no need of it."""
    from proofread import _python

    return _python


def _python_command(rest: list[str]) -> None:
    match rest:
        case ["-m", module, *arguments]:
            _unseen.hide()
            import runpy

            sys.argv = [module, *arguments]
            _forget(module)
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [file, *arguments] if not file.startswith("-"):
            sys.argv = [file, *arguments]
            runner().run_file(Path(file))
        case _:
            raise SystemExit(f"python {' '.join(rest)}: write `python FILE` or `python -m MODULE`")


def _forget(module: str) -> None:
    """What the warm parent has imported would otherwise be news to `runpy`, which warns of it."""
    sys.modules.pop(f"{module}.__main__", None)
    if not hasattr(sys.modules.get(module), "__path__"):
        sys.modules.pop(module, None)


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def _translate(ports: dict[int, int]) -> None:
    """Let a client that the page points at port 8000 reach the port that was free."""
    if not ports:
        return

    def translated(method: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any, /) -> Any:
            if isinstance(address, tuple) and address[1] in ports:  # pyright: ignore[reportUnknownArgumentType]
                address = (address[0], ports[address[1]], *address[2:])  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            return method(self, address)

        return connect

    socket.socket.connect = translated(socket.socket.connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = translated(socket.socket.connect_ex)  # type: ignore[method-assign]


if __name__ == "__main__":
    # Not from this very module: `__main__` is the page's, and is emptied at the end.
    from proofread._child import run as run_job

    _imports.watch()
    run_job(json.loads(sys.argv[1]))
