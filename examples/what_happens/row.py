"""A row of the matrix: a question, and the scenario that answers it for each column."""

from __future__ import annotations

import ast
import importlib
import platform
import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.what_happens.lab import Lab

from proofread.experiments import Trial, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.what_happens.columns import Column

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGE = "examples.what_happens"
OURS = ("src/postlude",)
FOUNDATIONS = {"fastapi": ("starlette",), "ravyn": ("lilya",), "postlude": ("anyio",)}
FRAMEWORKS = ("fastapi", "ravyn", "velithon", "litestar", "starlette", "lilya", "anyio")


@dataclass(frozen=True)
class Row:
    """One row, as its file declares it."""

    name: str
    number: str
    """`B08`, or `B64a` of several that ask the same: it orders the rows."""
    question: str
    theme: str
    uses: tuple[str, ...]
    """The sections of the theme's apps that the scenario uses, and the page shows."""
    not_applicable: dict[str, str]
    """By column, why the question cannot be asked there."""
    scenario: Any
    served: str = "app"
    """The name, in the theme's apps, of the application that is served."""

    @classmethod
    def read(cls, name: str) -> Row:
        """The row of a file in `rows`."""
        module: Any = importlib.import_module(f"{PACKAGE}.rows.{name}")
        question = (module.__doc__ or "").strip()
        return cls(
            name,
            module.NUMBER,
            question,
            module.THEME,
            tuple(module.USES),
            getattr(module, "NOT_APPLICABLE", {}),
            module.scenario,
            getattr(module, "SERVED", "app"),
        )

    @property
    def page(self) -> str:
        """The page of this row, beside the matrix."""
        return f"{self.name.replace('_', '-')}.md"

    def app(self, column: Column) -> str:
        """The column's app for this theme, beneath this folder."""
        return f"{self.theme}/{column.stem}.py"

    def sources(self, column: Column) -> tuple[str, ...]:
        """All that decides the result and has no version."""
        app = HERE / self.app(column)
        own = [*_closure(HERE / "rows" / f"{self.name}.py"), *_closure(app)]
        files = {path.relative_to(ROOT).as_posix() for path in own}
        shown = app.relative_to(ROOT).as_posix()
        files = {f"{shown}:{','.join(self.uses)}" if f == shown else f for f in files}
        return (*sorted(files), *(OURS if "postlude" in _imported(app) else ()))

    def packages(self, column: Column) -> list[str]:
        """The packages whose versions decide, the server aside."""
        named = _imported(HERE / self.app(column))
        found = {
            *named,
            *(base for name in named for base in FOUNDATIONS.get(name, ())),
        }
        return [name for name in FRAMEWORKS if name in found]

    async def run(self, column: Column) -> Trial:
        """Run the scenario for one column."""
        sources = self.sources(column)
        before = digest(sources, ROOT)
        app = f"{PACKAGE}.{self.theme}.{column.stem}:{self.served}"
        lab = Lab(column, app, self.packages(column))
        value: str = await self.scenario(lab)
        return Trial(
            value,
            tuple(lab.seen()),
            platform.python_version(),
            lab.versions,
            sources,
            before,
        )


def all_rows() -> list[Row]:
    """In their order."""
    names = [file.stem for file in (HERE / "rows").glob("[a-z]*.py")]
    return sorted(map(Row.read, names), key=_place)


def _place(row: Row) -> tuple[str, int, str]:
    """`B9` before `B64a`, and that before `B64b`."""
    digits = row.number[1:].rstrip(string.ascii_lowercase)
    return row.number[0], int(digits), row.number


def _closure(file: Path) -> Iterator[Path]:
    """A file and all of this folder that it imports, directly or not."""
    waiting, found = [file], set[Path]()
    while waiting:
        if (next_one := waiting.pop()) in found:
            continue
        found.add(next_one)
        yield next_one
        for name in _imports(next_one):
            path = ROOT / f"{name.replace('.', '/')}.py"
            if name.startswith(PACKAGE) and path.is_file():
                waiting.append(path)


def _imported(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(file)}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
