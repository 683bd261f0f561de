"""Experiments: what a project has found out by running something, kept with what it depends on.

A project keeps one record per experiment, a JSON file that holds one trial per subject. A trial
holds while what decided it is the same: the versions of packages, the minor version of Python, and
the parts of files that it used.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import json
import platform
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

MARKER = re.compile(r"\W*-+8<-+ \[(start|end):([\w-]+)\]\W*")


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one experiment with one subject."""

    value: str
    """The result in a few words: a run that comes to another word has found a difference."""
    seen: tuple[str, ...]
    """The raw result, line by line."""
    python: str
    versions: Mapping[str, str]
    """Those of the packages that decide."""
    sources: tuple[str, ...]
    """Files and folders beneath the project; `app.py:first,second` is a file without the sections
    that have other names than these. Of a folder, which no page shows, the docstrings and comments
    of Python files decide nothing."""
    sha256: str
    """What was in them."""

    def changes(self, root: Path, *, read: dict[str, bytes] | None = None) -> list[str]:
        """What of all that decided it is no longer the same; `read` is as for `digest`."""
        found = [
            f"{name} {version}, now {installed(name) or 'not installed'}"
            for name, version in self.versions.items()
            if installed(name) != version
        ]
        if minor(self.python) != minor(platform.python_version()):
            found.append(f"Python {self.python}, now {platform.python_version()}")
        if self.sha256 != digest(self.sources, root, read=read):
            found.append("its sources")
        return found


def read_records(folder: Path) -> dict[str, dict[str, Trial]]:
    """The trials of each experiment by subject."""
    return {file.stem: read_record(file) for file in sorted(folder.glob("*.json"))}


def read_record(file: Path) -> dict[str, Trial]:
    """The trials of one experiment by subject; of one without a record, none."""
    if not file.is_file():
        return {}
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {name: _trial(trial) for name, trial in data["trials"].items()}


def write_record(file: Path, trials: Mapping[str, Trial], **more: Any) -> None:
    """Keep the trials of one experiment; what a project notes besides is not looked at."""
    data = {**more, "trials": {name: asdict(trial) for name, trial in trials.items()}}
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    draft = file.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(file)


def _trial(data: Mapping[str, Any]) -> Trial:
    fields: dict[str, Any] = {**data, "seen": (*data["seen"],), "sources": (*data["sources"],)}
    return Trial(**fields)


def digest(sources: Iterable[str], root: Path, *, read: dict[str, bytes] | None = None) -> str:
    """One hash of the parts of files that a trial uses, but for empty lines.

    A file that is gone counts as empty. Of the Python files in a folder, only what they do counts.

    Args:
        sources: As those of a trial.
        root: Of the project.
        read: What was read a moment ago, by source: those who ask about many trials share it.
    """
    read = {} if read is None else read
    seen = hashlib.sha256()
    for source in sources:
        if source not in read:
            read[source] = b"".join(_parts(source, root))
        seen.update(read[source])
    return seen.hexdigest()


def _parts(source: str, root: Path) -> Iterator[bytes]:
    is_folder = (root / source).is_dir()
    for file in files_of(source, root):
        yield f"{file.relative_to(root).as_posix()}\n".encode()
        if is_folder and file.suffix == ".py":
            yield _code(file, _stamp(file)).encode()
            continue
        lines = used_lines(source, _text(file, _stamp(file)))
        yield "\n".join(filter(None, lines)).encode()


def files_of(source: str, root: Path) -> list[Path]:
    """The file that a source names, or all files of the folder."""
    path = root / source.partition(":")[0]
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def used_lines(source: str, text: str) -> Iterator[str]:
    """The lines of a file outside its sections and within those that a source names."""
    _, colon, names = source.partition(":")
    yield from without_sections(text, keep=names.split(",") if colon else None)


def without_sections(text: str, *, keep: Collection[str] | None) -> Iterator[str]:
    """The lines of a file without marks, and without other sections than those to keep."""
    left = 0
    for line in text.splitlines():
        mark = MARKER.fullmatch(line.strip())
        if mark is None:
            if not left:
                yield line.rstrip()
        elif keep is not None and mark[2] not in keep:
            left += 1 if mark[1] == "start" else -1


def minor(python: str) -> str:
    """`3.11` of `3.11.7`."""
    return ".".join(python.split(".")[:2])


@functools.cache
def installed(package: str) -> str | None:
    """Its version, if it is installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _stamp(file: Path) -> int:
    return file.stat().st_mtime_ns if file.is_file() else 0


@functools.cache
def _text(file: Path, stamp: int) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if stamp else ""


@functools.cache
def _code(file: Path, stamp: int) -> str:
    """What a Python file does, or its text if it is none; as a hash, since each trial asks."""
    text = _text(file, stamp)
    with contextlib.suppress(SyntaxError, ValueError):
        text = ast.dump(_Doing().visit(ast.parse(text)))
    return hashlib.sha256(text.encode()).hexdigest()


class _Doing(ast.NodeTransformer):
    """Takes the docstrings out: the texts that stand for themselves."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        value = node.value
        return None if isinstance(value, ast.Constant) and isinstance(value.value, str) else node
