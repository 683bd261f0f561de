"""The proof of one build: a receipt per block, place and variant, in one file."""

from __future__ import annotations

import json
import os
import tempfile
import types
import typing
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT = 3
ORDER = ("python", "pycon", "console", "http", "output", "error", "server log",
         "worker log", "timeline", "source", "seen", "json", "toml", "yaml", "ini",
         "signature")  # fmt: skip
SHOWN = {"output": "Output", "error": "Error", "server log": "Server log",
         "worker log": "Worker log", "seen": "Seen"}  # fmt: skip

T = TypeVar("T")
Place = tuple[str, int]
"""The name of a page, and the position among its blocks: what tells one text on two pages apart."""


class ReceiptsError(Exception):
    """The file of receipts is missing, or is not one that this version wrote."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one block, at one place, in one variant of its page."""

    id: str
    """Names the place, so all variants share it; the built site uses it as an anchor."""
    sha256: str
    page: str
    position: int
    path: str
    line: int
    role: str
    title: str | None
    variant: str
    status: str
    """`passed`, `failed`, or `unproven` where nothing ran."""
    problems: tuple[str, ...]
    duration: float
    rerun: str
    packages: dict[str, str]
    drawn: str
    """The rows of its figure as this run measured them, if it has one."""
    files: dict[str, str]
    """By name, the hash of each file that its reader can take away here, if that is an example."""

    @property
    def place(self) -> Place:
        return self.page, self.position


@dataclass(frozen=True, slots=True)
class Totals:
    """What a whole build did, in numbers."""

    pages: int
    blocks: int
    roles: dict[str, int]
    runs: int
    commands: int
    servers: int
    expectations: int
    unproven: int
    seconds: float
    """Zero where some of it was proven before: how long that took together nobody knows."""


@dataclass(frozen=True, slots=True)
class Receipts:
    """The proof of one build."""

    format: int
    python: str
    platform: str
    totals: Totals
    entries: tuple[Receipt, ...]

    def by_place(self) -> dict[Place, list[Receipt]]:
        places: dict[Place, list[Receipt]] = defaultdict(list)
        for entry in self.entries:
            places[entry.place].append(entry)
        return dict(places)


def proven(runs: Sequence[Receipt]) -> bool:
    """Whether a place was run at all, and every run of it passed."""
    return bool(runs) and all(run.status == "passed" for run in runs)


def write(receipts: Receipts, path: Path) -> None:
    """All of it or nothing: a reader never sees half a file."""
    text = json.dumps(asdict(receipts), ensure_ascii=False, indent=1) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, *, made_by: str) -> Receipts:
    """What `write` wrote; anything else is refused."""
    if not path.is_file():
        raise ReceiptsError(f"{path} does not exist, so nothing is proven: `{made_by}` writes it.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReceiptsError(f"{path} is not JSON ({error}): run `{made_by}` again.") from error
    try:
        if data["format"] != FORMAT:
            raise ValueError(f"format is {data['format']!r}, expected {FORMAT}")
        totals = _read(Totals, data["totals"], "totals")
        entries = tuple(_read(Receipt, entry, "entry") for entry in data["entries"])
        return _read(Receipts, {**data, "totals": totals, "entries": entries}, "file")
    except (KeyError, TypeError, ValueError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ReceiptsError(f"{path} holds no receipts ({said}): run `{made_by}` again.") from error


def summary(receipts: Receipts, *, found: int | None = None) -> str:
    """The last lines of a run; `found` is how many blocks the gate saw in the built site."""
    totals = receipts.totals
    roles = [*(r for r in ORDER if r in totals.roles), *sorted(totals.roles.keys() - set(ORDER))]
    blocks = totals.blocks if found is None else found
    where = "collected" if found is None else "in the built site"
    ran = f"{_count(totals.blocks, 'block')}, {_count(totals.runs, 'run')}"
    lines = (
        f"{_count(totals.pages, 'page')}, {ran} on Python {receipts.python}"
        + (f" in {totals.seconds:.1f} s" if totals.seconds else ""),
        "  " + " · ".join(f"{SHOWN.get(role, role)} {totals.roles[role]}" for role in roles),
        f"  {_count(totals.commands, 'command')} run, {_count(totals.servers, 'server')} started,"
        f" {_count(totals.expectations, 'expectation')} consumed",
        f"  {_count(blocks, 'block')} {where}, {totals.blocks - totals.unproven} proven,"
        f" {totals.unproven} unproven",
    )
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _read(kind: type[T], data: Mapping[str, Any], where: str) -> T:
    """A record whose every field is there and of its type."""
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, hint in hints.items():
        value = data[name]
        if typing.get_origin(hint) is tuple and isinstance(value, list):
            value = tuple(cast("list[object]", value))
        if not _fits(value, hint):
            raise TypeError(f"{where}.{name} is {value!r}, expected {hint}")
        values[name] = value
    return kind(**values)


def _fits(value: object, hint: Any) -> bool:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return any(_fits(value, option) for option in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(
            _fits(v, inner[0]) for v in cast("Sequence[object]", value)
        )
    if origin is dict:
        return isinstance(value, dict) and all(
            _fits(key, inner[0]) and _fits(item, inner[1])
            for key, item in cast("dict[object, object]", value).items()
        )
    if isinstance(value, bool):
        return False
    return isinstance(value, (float, int) if hint is float else hint)
