"""The surface of a package: each definition that a page documents, and what may slip there."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from proofread._declared import declared, field
from proofread._done import done, is_empty
from proofread._slip import (
    Definition,
    Function,
    Slip,
    definition,
    definitions,
    distinct,
    first_line,
)
from proofread._spelling import Documented


@dataclass(frozen=True, slots=True)
class Place:
    """A documented name, where it is defined, and the page that documents it."""

    name: str
    """As readers write it, without the package: `TaskRunner.submit`."""
    file: Path
    """Relative to the package."""
    module: str
    within: tuple[str, ...]
    """The names that lead to it in its module."""
    kind: str
    page: Path

    @property
    def made(self) -> str:
        """The class that it stands in, or that it is."""
        own = self.within if self.kind == "class" else self.within[:-1]
        return ".".join([self.module, *own])


@dataclass(frozen=True, slots=True)
class Mutant:
    """A slip in its place."""

    place: Place
    slip: Slip
    node: Definition

    @property
    def name(self) -> str:
        return f"{self.place.name}: {self.slip.what}"

    def steps(self) -> frozenset[str]:
        """Of which a trail has one if its program comes by."""
        file = self.place.file.as_posix()
        if self.slip.lines is not None:
            return frozenset(f"line {file} {number}" for number in self.slip.lines)
        return reaching(self.place, self.node)


def reaching(place: Place, node: Definition) -> frozenset[str]:
    """The steps of a trail that use a definition itself."""
    if isinstance(node, Function):
        return frozenset({f"call {place.file.as_posix()} {first_line(node)}"})
    return frozenset({f"made {place.made} 0"})


def places(shown: Sequence[Documented], *, page: Path, package: Path) -> Iterator[Place]:
    """Where the definitions are that a page documents."""
    for one in shown:
        file = Path(str(one.filepath)).resolve()
        if not file.is_relative_to(package):
            continue
        module = one.module.canonical_path
        within = one.canonical_path.removeprefix(f"{module}.").split(".")
        yield Place(
            name=one.path.removeprefix(f"{package.name}."),
            file=file.relative_to(package),
            module=module,
            within=tuple(within),
            kind=one.kind.value,
            page=page,
        )


def mutants(place: Place, package: Path) -> Iterator[Mutant]:
    """All that may slip in one place."""
    node = definition(_parsed(package / place.file), place.within)
    if node is None:
        return
    slips: list[Slip] = []
    # What has no body only says what others have to do: a type checker holds them to it.
    if isinstance(node, Function) and not is_empty(node):
        slips = [*declared(node), *done(node)]
    elif isinstance(node, ast.AnnAssign):
        slips = [*field(node)]
    for slip in distinct(slips):
        yield Mutant(place, slip, node)


def is_used(place: Place, package: Path, steps: frozenset[str], words: frozenset[str]) -> bool:
    """Whether a section uses a name: it calls it, or it says it of what it has."""
    tree = _parsed(package / place.file)
    node = definition(tree, place.within)
    if isinstance(node, Function) and not is_empty(node):
        same = definitions(tree, place.within)
        return any(not steps.isdisjoint(reaching(place, one)) for one in same)
    *above, own = place.within
    if isinstance(node, ast.ClassDef):
        return own in words or not steps.isdisjoint(_uses(place, node))
    if not above:
        return own in words
    there = above[-1] in words or not steps.isdisjoint(_uses(place, definition(tree, above)))
    return there and not words.isdisjoint(_said(place, node))


def _said(place: Place, node: Definition | None) -> frozenset[str]:
    """What stands for an attribute: its name or, as of the member of an enum, its text."""
    value = node.value if isinstance(node, ast.Assign) else None
    text = value.value if isinstance(value, ast.Constant) else None
    return frozenset({place.within[-1], *([text] if isinstance(text, str) else [])})


def _uses(place: Place, node: Definition | None) -> frozenset[str]:
    """The steps that only come by where there is one of a class."""
    body = node.body if isinstance(node, ast.ClassDef) else []
    methods = [one for one in body if isinstance(one, Function)]
    called = [step for method in methods for step in reaching(place, method)]
    return frozenset({*called, f"made {place.made} 0"})


@functools.cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
