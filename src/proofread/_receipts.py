"""The proof of one build: a receipt per block, place and variant, and the file with them."""

from __future__ import annotations

import ast
import json
import os
import platform
import sys
import tempfile
import types
import typing
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from proofread._model import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from proofread._model import Block, Page

FORMAT = 1
MADE_BY = "nox -s docs-test"
RERUN = "nox -s docs-test --"
UNPROVEN = "No run proved this block."
PYTHON_ROLES = frozenset({"python", "pycon"})
ORDER = ("python", "pycon", "console", "http", "output", "error", "server log",
         "json", "toml", "yaml", "ini", "signature")  # fmt: skip
SHOWN = {"output": "Output", "error": "Error", "server log": "Server log"}

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


def issue(
    pages: Sequence[Page],
    results: Iterable[Result],
    *,
    root: Path,
    seconds: float = 0.0,
    rerun: str = RERUN,
) -> Receipts:
    """The receipts of one build: every block of every page gets one, also if nothing ran it."""
    done = list(results)
    runs = _at_places(pages, done)
    ids = _ids(pages)
    packages = _packages(runs)
    entries: list[Receipt] = []
    for page in pages:
        for position, block in enumerate(page.blocks):
            place = (page.name, position)
            path = _relative(block.path, root)
            # A docstring runs with the page that shows it.
            shown = (
                f"{path}:{block.line}" if block.path == page.path else _relative(page.path, root)
            )
            made = (ids[place], block, place, path, f"{rerun} {shown}")
            variants = runs.get(place) or {"": []}
            entries.extend(
                _receipt(made, variant, same, packages.get((page.name, variant), {}))
                for variant, same in variants.items()
            )
    entries.sort(key=lambda entry: (entry.page, entry.position, entry.variant))
    system = f"{platform.system()} {platform.machine()}"
    totals = _totals(pages, done, entries, seconds)
    return Receipts(FORMAT, platform.python_version(), system, totals, tuple(entries))


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


def load(path: Path, *, made_by: str = MADE_BY) -> Receipts:
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
        f" in {totals.seconds:.1f} s",
        "  " + " · ".join(f"{SHOWN.get(role, role)} {totals.roles[role]}" for role in roles),
        f"  {_count(totals.commands, 'command')} run, {_count(totals.servers, 'server')} started,"
        f" {_count(totals.expectations, 'expectation')} consumed",
        f"  {_count(blocks, 'block')} {where}, {totals.blocks - totals.unproven} proven,"
        f" {totals.unproven} unproven",
    )
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


Runs = dict[Place, dict[str, list[Result]]]


def _at_places(pages: Sequence[Page], results: Sequence[Result]) -> Runs:
    """Each result under every place that shows its block: a docstring may stand on two pages."""
    places: dict[Block, list[Place]] = defaultdict(list)
    for page in pages:
        for position, block in enumerate(page.blocks):
            places[block].append((page.name, position))
    runs: Runs = defaultdict(lambda: defaultdict(list))
    for result in results:
        block = result.block
        if block not in places:
            raise ValueError(f"{block.path}:{block.line} was run, but no collected page shows it.")
        for place in places[block]:
            runs[place][result.variant].append(result)
    return {place: dict(variants) for place, variants in runs.items()}


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _ids(pages: Sequence[Page]) -> dict[Place, str]:
    seen: Counter[str] = Counter()
    names: dict[Place, str] = {}
    for page in pages:
        slug = "".join(c if c.isalnum() else "-" for c in page.name.rpartition(".")[0])
        for position, block in enumerate(page.blocks):
            name = f"{slug}-{block.sha256[:10]}".lower()
            seen[name] += 1
            names[page.name, position] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return names


def _receipt(
    made: tuple[str, Block, Place, str, str],
    variant: str,
    same: Sequence[Result],
    page: Mapping[str, str],
) -> Receipt:
    """One receipt for all runs of a block in a variant: the worst of them counts."""
    name, block, (page_name, position), path, rerun = made
    role = same[0].role if same else block.language or "no role"
    status = "unproven" if not same else "passed" if all(r.passed for r in same) else "failed"
    own = _versions(_imports(block.text)) if role in PYTHON_ROLES else page
    problems = [text for result in same for text in result.problems]
    return Receipt(
        id=name,
        sha256=block.sha256,
        page=page_name,
        position=position,
        path=path,
        line=block.line,
        role=role,
        title=block.title,
        variant=variant,
        status=status,
        problems=tuple(problems) if same else (UNPROVEN,),
        duration=round(max((result.duration for result in same), default=0.0), 6),
        rerun=rerun,
        packages={} if role == "signature" else dict(sorted(own.items())),
    )


def _totals(
    pages: Sequence[Page], results: Sequence[Result], entries: Sequence[Receipt], seconds: float
) -> Totals:
    places: dict[Place, list[Receipt]] = defaultdict(list)
    for entry in entries:
        places[entry.place].append(entry)
    roles = Counter(runs[0].role for runs in places.values())
    return Totals(
        pages=len(pages),
        blocks=len(places),
        roles={role: roles[role] for role in sorted(roles)},
        runs=sum(entry.status != "unproven" for entry in entries),
        commands=sum(result.commands for result in results),
        servers=sum(result.servers for result in results),
        expectations=sum(result.expectations for result in results),
        unproven=sum(not proven(runs) for runs in places.values()),
        seconds=round(seconds, 3),
    )


def _packages(runs: Runs) -> dict[tuple[str, str], dict[str, str]]:
    """What each variant of a page ran on: imports of its Python, programs of its consoles."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (page, _), variants in runs.items():
        for variant, results in variants.items():
            for result in results:
                if result.role in PYTHON_ROLES:
                    names[page, variant] |= _imports(result.block.text)
                elif result.role == "console":
                    names[page, variant] |= _programs(result.block.text)
    return {place: _versions(found) for place, found in names.items()}


@cache
def _imports(code: str) -> frozenset[str]:
    """Top-level names that a block, or a session at the prompt, imports."""
    prompts = (">>> ", "... ")
    typed = [line[4:] for line in code.splitlines() if line.startswith(prompts)]
    try:
        tree = ast.parse("\n".join(typed) if code.startswith(">>> ") else code)
    except SyntaxError:
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def _programs(session: str) -> set[str]:
    """`uvicorn` of `$ uvicorn main:app` and of `$ python -m uvicorn main:app`."""
    found: set[str] = set()
    for line in session.splitlines():
        words = line.removeprefix("$ ").split() if line.startswith("$ ") else []
        found.update(words[2:3] if words[1:2] == ["-m"] else words[:1])
    return found - {"pip"}  # an install line is checked, not run


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _versions(names: Iterable[str]) -> dict[str, str]:
    """Versions of the distributions that provide these names; the standard library has none."""
    found: dict[str, str] = {}
    for name in names:
        if name in sys.stdlib_module_names:
            continue
        # A project installed for editing is listed under no import name, only under its own.
        for distribution in _distributions().get(name, [name]):
            if version := _version(distribution):
                found[distribution] = version
    return found


@cache
def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None  # a file that the page itself saved


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
