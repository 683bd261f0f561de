"""A `console` block: its commands, what must be under each, and which of them start a server."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import re
import shlex
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from proofread import _brokers, _cluster
from proofread._child import programs
from proofread._server import KINDS

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
LITERAL = re.compile(r"'[^']*'")
SHELL = re.compile(r"[|&;<>*]|(?:^|\s)~")
EXPANDED = re.compile(r"[$`]")
HARMLESS = frozenset({"-U", "--upgrade", "-q", "--quiet"})
"""What `pip install` may be told besides: nothing else gets installed for it."""
TELLS = frozenset({"--help", "--version"})
"""With one of these a server says something of itself, and is none."""
CLIENTS = frozenset({"curl", "http", "wget"})
PYTHON_M = ("python", "-m")
PKILL = "pkill"
FULL = frozenset({"-f", "--full"})
WORKER = "worker"


class Malformed(ValueError):
    """A `console` block that is not commands and their output."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a block."""

    line: int
    """Zero-based line within the block."""
    text: str
    argv: tuple[str, ...]
    expected: str

    @property
    def asks_status(self) -> bool:
        return self.argv == ("echo", "$?")

    @property
    def serves(self) -> bool:
        """Whether it stays up until the section ends."""
        return self.argv[0] in KINDS and not TELLS & {*self.argv}

    @property
    def program(self) -> str:
        """What it runs: `rq` in `rq worker high`, and in `python -m rq worker high`."""
        return self.argv[2] if self.argv[:2] == PYTHON_M and self.argv[2:] else self.argv[0]

    @property
    def works(self) -> bool:
        """Whether it is a worker, if its program has any: `rq worker`, `celery -A main worker`."""
        return WORKER in self.argv[1:] and not TELLS & {*self.argv}

    @property
    def brokers(self) -> bool:
        """Whether it is a broker, which stays up, also for the sections below."""
        return self.argv[0] in _brokers.KINDS and not TELLS & {*self.argv}

    @property
    def lays_out(self) -> bool:
        """Whether it makes the directory of a PostgreSQL."""
        return self.argv[0] == _brokers.INITDB

    @property
    def kills(self) -> bool:
        """Whether it sends a signal to what the section has started."""
        return self.argv[0] == PKILL

    @property
    def stays(self) -> bool:
        """Whether it has no end that a page could ask for."""
        return self.serves or self.works or self.brokers

    @property
    def installs(self) -> bool:
        return self.argv[:2] == ("pip", "install")


def parse(text: str) -> list[Command]:
    """The commands of a block, in order."""
    commands: list[Command] = []
    shown: list[str] = []
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        if line.startswith("$ "):
            commands.append(_command(number, line[2:]))
            shown = []
        elif not commands:
            raise Malformed(f"{line!r} stands above the first `$ `: begin with a command.")
        else:
            shown.append(line)
            last = commands[-1]
            commands[-1] = Command(last.line, last.text, last.argv, "\n".join(shown))
    for command in commands:
        if command.expected.strip() and not command.expected.replace("...", "").strip():
            raise Malformed(f"Only `...` under `{command.text}` expects nothing. Show a line.")
    return commands


def _command(number: int, text: str) -> Command:
    try:
        argv = shlex.split(text, comments=True)
    except ValueError as error:
        said = f"{error}." if not text.endswith("\\") else "write the command on one line."
        raise Malformed(f"`{text}`: {said}") from None
    if not argv:
        raise Malformed("`$` without a command.")
    if argv[:4] == ["python", "-m", "pip", "install"]:
        argv = argv[2:]
    if argv[:2] == ["python", "-m"] and argv[2:] and argv[2] in KINDS:
        argv = argv[2:]
    if argv == ["echo", "$?"]:
        return Command(number, text, tuple(argv), "")
    if SHELL.search(QUOTED.sub("", text)) or EXPANDED.search(LITERAL.sub("", text)):
        raise Malformed(
            f"`{text}`: a line is one program and its arguments, and no shell reads it."
            " Write one command a line, with nothing for a shell to expand."
        )
    if argv[0] in _brokers.KINDS or argv[0] in {_brokers.INITDB, PKILL}:
        _check_beside(text, argv)
        return Command(number, text, tuple(argv), "")
    if argv[0] != "python" and argv[:2] != ["pip", "install"] and argv[0] not in programs():
        instead = " Write the request as an ```http block." if argv[0] in CLIENTS else ""
        raise Malformed(
            f"`{argv[0]}` is not a program that an installed package provides.{instead}"
        )
    return Command(number, text, tuple(argv), "")


def _check_beside(text: str, argv: list[str]) -> None:
    """What no package of Python provides, and a page may run all the same."""
    if argv[0] == PKILL:
        signal_of(argv)
        return
    program = "postgres" if argv[0] == _brokers.INITDB else argv[0]
    if _brokers.found(program) is None:
        raise Malformed(f"`{program}` is not installed here, so no page can run it.")
    if program == "postgres" and not TELLS & {*argv} and _cluster.directory_of(argv) is None:
        raise Malformed(f"`{text}`: write `{argv[0]} -D data`, a directory and nothing else.")


def signal_of(argv: Sequence[str]) -> tuple[signal.Signals, str, bool]:
    """What a `pkill` sends, to which commands, and whether their arguments count as well."""
    words = [word for word in argv[1:] if word not in FULL]
    sent = words.pop(0)[1:].removeprefix("SIG") if words and words[0].startswith("-") else "TERM"
    with contextlib.suppress(KeyError, ValueError):
        number = signal.Signals(int(sent)) if sent.isdigit() else signal.Signals[f"SIG{sent}"]
        if len(words) == 1:
            return number, words[0], bool(FULL & {*argv})
    said = "write `pkill -9 celery`: a signal, and what the command to end is called."
    raise Malformed(f"`{' '.join(argv)}`: {said}")


@functools.cache
def not_installed(argv: tuple[str, ...]) -> str | None:
    """What a `pip install` line names that the page did not run with, or `None`.

    Installing again would prove nothing: the page's blocks run in this environment.
    """
    flags = [word for word in argv[2:] if word.startswith("-")]
    for flag in flags:
        if flag not in HARMLESS:
            return f"`pip install {flag}` cannot be checked: name what to install, without it."
    wanted = [word for word in argv[2:] if word not in HARMLESS]
    if not wanted:
        return "`pip install` of nothing: name what to install."
    for word in wanted:
        try:
            requirement = Requirement(word)
        except InvalidRequirement as error:
            return f"`{word}` is no requirement: {error}"
        if requirement.url or requirement.marker:
            return f"`{word}` cannot be checked: write a name, extras and versions only."
        if missing := _missing(requirement):
            return missing
    return None


def _missing(requirement: Requirement) -> str | None:
    try:
        found = importlib.metadata.distribution(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"`{requirement.name}` is not installed here, so this page did not run with it."
    if not requirement.specifier.contains(found.version, prereleases=True):
        return f"This page ran with {requirement.name} {found.version}, not `{requirement}`."
    extras = {canonicalize_name(name) for name in found.metadata.get_all("Provides-Extra") or []}
    for extra in sorted(map(canonicalize_name, requirement.extras)):
        if extra not in extras:
            known = ", ".join(sorted(extras)) or "none"
            return f"{requirement.name} {found.version} has no extra {extra!r}. It has: {known}."
        for needed in map(Requirement, found.requires or []):
            if needed.marker and _only_for(extra, needed.marker) and (missing := _missing(needed)):
                return missing
    return None


def _only_for(extra: str, marker: Marker) -> bool:
    return marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})
