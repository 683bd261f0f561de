"""A slip: one small change of a definition that a reader of its pages should be told of."""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.AnnAssign | ast.Assign | ast.ClassDef
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Slip:
    """What is changed, and where one must come by to notice."""

    kind: str
    what: str
    changed: Definition
    lines: range | None = None
    """Those of the statement that is changed; without them, the whole definition."""
    about: str = ""
    """The parameter or the field that is changed."""


def definition(tree: ast.Module, within: Sequence[str]) -> Definition | None:
    """What a module defines by this name; of several, the last, as Python takes it."""
    return next(reversed(definitions(tree, within)), None)


def definitions(tree: ast.Module, within: Sequence[str]) -> list[Definition]:
    """All that a module defines by this name: a property and its setter are two."""
    found: list[Definition] = []
    inside: Definition | ast.Module = tree
    for name in within:
        if not isinstance(inside, ast.Module | ast.ClassDef):
            return []
        found = [node for node in _defined(inside.body) if _name(node) == name]
        if not found:
            return []
        inside = found[-1]
    return found


def _defined(body: Sequence[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _defined([*node.body, *node.orelse])
        elif isinstance(node, Definition) and not _is_overload(node):
            yield node


def _is_overload(node: Definition) -> bool:
    decorators = () if isinstance(node, ast.AnnAssign | ast.Assign) else node.decorator_list
    return any(ast.unparse(one).endswith("overload") for one in decorators)


def _name(node: Definition) -> str:
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return node.name


def first_line(node: Definition) -> int:
    """The first line of what is called, as its code object counts: that of a decorator."""
    above = () if isinstance(node, ast.AnnAssign | ast.Assign) else node.decorator_list
    return min([node.lineno, *(one.lineno for one in above)])


def spliced(source: str, before: Definition, after: Definition) -> str:
    """A module's text with one definition changed; its decorators stay as they are."""
    bare = copy.copy(after)
    if not isinstance(bare, ast.AnnAssign | ast.Assign):
        bare.decorator_list = []
    text = textwrap.indent(ast.unparse(bare), " " * before.col_offset)
    lines = source.splitlines()
    lines[before.lineno - 1 : before.end_lineno] = text.splitlines()
    return "\n".join([*lines, ""])


def distinct(slips: Sequence[Slip]) -> Iterator[Slip]:
    """Each by a name of its own: the second of two that read alike is the second."""
    seen: dict[str, int] = {}
    for slip in slips:
        seen[slip.what] = number = seen.get(slip.what, 0) + 1
        yield slip if number == 1 else replace(slip, what=f"{slip.what} ({number})")


def told(node: ast.AST) -> str:
    """A piece of code on one short line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
