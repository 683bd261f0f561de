"""What a name of an installed package stands for, read from its source and never imported.

`shop.Store.lease` is the default of `lease` in `Store(…)`, or an attribute of the class;
`shop.LIMIT` a constant; `shop.open_store.timeout` the default of a parameter.
"""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
IN_SECONDS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1, "weeks": 604_800}


class Unreadable(LookupError):
    """A name that is nowhere, or whose value only a run would tell."""


def value_of(dotted: str) -> Any:
    """The number or text that it stands for; a `timedelta` in seconds."""
    parts = dotted.split(".")
    for length in range(len(parts) - 1, 0, -1):
        if (file := _file(tuple(parts[:length]))) is not None:
            return _Module(file, parts[:length]).find(parts[length:], seen=0)
    raise Unreadable(f"no installed module is called {parts[0]!r}")


def _file(parts: tuple[str, ...]) -> Path | None:
    return _file_in(tuple(sys.path), parts)


@cache
def _file_in(entries: tuple[str, ...], parts: tuple[str, ...]) -> Path | None:
    for entry in entries:
        path = Path(entry, *parts)
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                return file
    return None


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


class _Module:
    def __init__(self, file: Path, parts: Sequence[str]) -> None:
        self.name = ".".join(parts)
        self.package = list(parts if file.name == "__init__.py" else parts[:-1])
        self.body = list(_statements(_tree(file).body))

    def find(self, names: Sequence[str], *, seen: int) -> Any:
        """What `name.name` means here; `seen` counts the imports on the way."""
        wanted, *rest = names
        for statement in self.body:
            if isinstance(statement, ast.ImportFrom) and seen < 9:
                for alias in statement.names:
                    if (alias.asname or alias.name) == wanted:
                        return self._imported(statement, alias.name, rest, seen)
            elif _defines(statement, wanted):
                return self._within(statement, rest, seen)
        raise Unreadable(f"{self.name} has no {wanted!r}")

    def _imported(self, statement: ast.ImportFrom, name: str, rest: list[str], seen: int) -> Any:
        above = self.package[: len(self.package) - statement.level + 1] if statement.level else []
        parts = [*above, *(statement.module or "").split(".")] if statement.module else above
        for path, left in (([*parts, name], rest), (parts, [name, *rest])):
            if left and (file := _file(tuple(path))) is not None:
                return _Module(file, path).find(left, seen=seen + 1)
        raise Unreadable(f"{'.'.join(parts)} has no source")

    def _within(self, statement: ast.stmt, rest: list[str], seen: int) -> Any:
        if isinstance(statement, ast.ClassDef) and rest:
            return self._of_class(statement, rest, seen)
        if isinstance(statement, Function) and len(rest) == 1:
            return self._default(statement, rest[0], seen)
        value = getattr(statement, "value", None)
        if rest or value is None:
            name = ".".join([str(getattr(statement, "name", "this")), *rest])
            raise Unreadable(f"{name} is neither a constant nor a parameter with a default")
        return self._value(value, seen)

    def _of_class(self, cls: ast.ClassDef, names: list[str], seen: int) -> Any:
        wanted, *rest = names
        inside = list(_statements(cls.body))
        made = [node for node in inside if _defines(node, "__init__")]
        if not rest and made and isinstance(made[0], Function) and _has(made[0], wanted):
            return self._default(made[0], wanted, seen)
        for node in inside:
            if _defines(node, wanted):
                return self._within(node, rest, seen)
        for base in cls.bases:
            return self.find([*ast.unparse(base).partition("[")[0].split("."), *names], seen=seen)
        raise Unreadable(f"{self.name}.{cls.name} has no {wanted!r}")

    def _default(self, function: Function, name: str, seen: int) -> Any:
        given = function.args
        positional = [*given.posonlyargs, *given.args]
        late = positional[len(positional) - len(given.defaults) :]
        pairs = [*zip(late, given.defaults, strict=True),
                 *zip(given.kwonlyargs, given.kw_defaults, strict=True)]  # fmt: skip
        for argument, default in pairs:
            if argument.arg == name and default is not None:
                return self._value(default, seen)
        raise Unreadable(f"{function.name} of {self.name} has no default for {name!r}")

    def _value(self, node: ast.expr, seen: int) -> Any:
        if isinstance(node, ast.Name | ast.Attribute):
            return self.find(ast.unparse(node).split("."), seen=seen)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            left, right = self._value(node.left, seen), self._value(node.right, seen)
            return OPERATORS[type(node.op)](left, right)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("timedelta"):
            lasts = {one.arg or "": self._value(one.value, seen) for one in node.keywords}
            if not node.args and lasts.keys() <= IN_SECONDS.keys():
                return sum(number * IN_SECONDS[unit] for unit, number in lasts.items())
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise Unreadable(f"only a run would tell what `{ast.unparse(node)}` is") from None


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module or a class, also behind an `if` or a `try`."""
    for statement in body:
        yield statement
        for name in ("body", "orelse", "handlers", "finalbody"):
            if isinstance(statement, ast.If | ast.Try):
                yield from _statements(getattr(statement, name, []))


def _defines(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.Assign):
        return any(isinstance(one, ast.Name) and one.id == name for one in statement.targets)
    if isinstance(statement, ast.AnnAssign):
        return isinstance(statement.target, ast.Name) and statement.target.id == name
    return getattr(statement, "name", None) == name


def _has(function: Function, parameter: str) -> bool:
    given = function.args
    return any(one.arg == parameter for one in (*given.posonlyargs, *given.args, *given.kwonlyargs))
