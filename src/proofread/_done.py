"""Slips in what a function does: an error swallowed, an order swapped, an `await` forgotten."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any, cast

from proofread._slip import Function, Slip, told

NEXT: dict[type[ast.cmpop], tuple[type[ast.cmpop], str]] = {
    ast.Lt: (ast.LtE, "< -> <="),
    ast.LtE: (ast.Lt, "<= -> <"),
    ast.Gt: (ast.GtE, "> -> >="),
    ast.GtE: (ast.Gt, ">= -> >"),
}
Edit = Callable[[Any], ast.AST]


def done(function: Function) -> Iterator[Slip]:
    """Each single slip in its body."""
    if is_empty(function):
        return
    for statement in _statements(function.body):
        yield from _in_statement(function, statement)
    for body in _bodies(function):
        for one, other in itertools.pairwise(body):
            if isinstance(one, ast.Expr) and isinstance(other, ast.Expr) and not _is_text(one):
                yield _swapped(function, one, other)


def is_empty(function: Function) -> bool:
    """Whether it only says what others have to do."""
    code = [node for node in function.body if not _is_text(node)]
    return all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node))
        for node in code
    )


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for one in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(one, name, None)
            if isinstance(body, list):
                yield body


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        for one in ast.walk(node):
            if isinstance(one, ast.stmt) and not _is_text(one):
                yield one


def _header(statement: ast.stmt) -> range:
    """The lines of a statement, without those of the statements that it holds."""
    inner = [body[0].lineno for body in _own_bodies(statement)]
    last = min([(statement.end_lineno or statement.lineno) + 1, *inner])
    return range(statement.lineno, max(last, statement.lineno + 1))


def _own_bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody", "handlers"):
        body = getattr(statement, name, None)
        if isinstance(body, list) and body:
            yield body


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Those of the statement itself."""
    for name, value in ast.iter_fields(statement):
        if name in {"body", "orelse", "finalbody", "handlers", "decorator_list", "args"}:
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.expr | ast.withitem):
                yield from (n for n in ast.walk(one) if isinstance(n, ast.expr))


def _in_statement(function: Function, statement: ast.stmt) -> Iterator[Slip]:
    lines = _header(statement)

    def slip(kind: str, what: str, node: ast.AST, edit: Edit) -> Slip:
        return Slip(kind, what, _edited(function, node, edit), lines)

    if isinstance(statement, ast.Raise):
        error = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        what = f"raise {told(error)} swallowed" if error else "raise swallowed"
        yield slip("swallowed", what, statement, lambda _: ast.Pass())
        return
    if isinstance(statement, ast.For) and not _is_reversed(statement.iter):
        what = f"{told(statement.iter)} gone through backwards"
        yield slip("order", what, statement.iter, _backwards)
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for node in _expressions(statement):
        where = f" in `{told(node)}`"
        match node:
            case ast.Await(value=value):
                yield slip("await", f"await {told(value)} forgotten", node, _value)
            case ast.Compare(ops=[op]) if type(op) in NEXT:
                _, signs = NEXT[type(op)]
                yield slip("off by one", signs + where, node, _beyond)
            case ast.BinOp(right=ast.Constant(value=int(value)) as right) if type(value) is int:
                yield slip("off by one", f"{value} -> {value + 1}{where}", right, _one_more)
            case ast.Compare(comparators=[ast.Constant(value=int(value)) as right]) if (
                type(value) is int
            ):
                yield slip("off by one", f"{value} -> {value + 1}{where}", right, _one_more)
            case ast.Call() if _is_reversed(node):
                yield slip("order", f"{told(node)} kept in order", node, _argument)
            case _:
                pass


def _is_reversed(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="reversed"), args=[_]):
            return True
        case _:
            return False


def _edited(function: Function, node: ast.AST, edit: Edit) -> Function:
    """A copy of a function in which one node of it is another."""
    at = next(n for n, one in enumerate(ast.walk(function)) if one is node)
    changed = copy.deepcopy(function)
    target = next(one for n, one in enumerate(ast.walk(changed)) if n == at)

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return edit(node) if node is target else self.generic_visit(node)

    return cast("Function", ast.fix_missing_locations(Replace().visit(changed)))


def _swapped(function: Function, one: ast.stmt, other: ast.stmt) -> Slip:
    at = [n for n, body in enumerate(_bodies(function)) if one in body]
    changed = copy.deepcopy(function)
    for number, (body, was) in enumerate(zip(_bodies(changed), _bodies(function), strict=True)):
        if number in at:
            place = was.index(one)
            body[place : place + 2] = [body[place + 1], body[place]]
    what = f"{told(one)} and {told(other)} swapped"
    return Slip("order", what, changed, _header(one))


def _backwards(node: ast.expr) -> ast.AST:
    everything = ast.Call(ast.Name("list", ast.Load()), [node], [])
    return ast.Call(ast.Name("reversed", ast.Load()), [everything], [])


def _value(node: ast.Await) -> ast.AST:
    return node.value


def _argument(node: ast.Call) -> ast.AST:
    return node.args[0]


def _beyond(node: ast.Compare) -> ast.AST:
    node.ops = [NEXT[type(op)][0]() for op in node.ops]
    return node


def _one_more(node: ast.Constant) -> ast.AST:
    return ast.Constant(cast("int", node.value) + 1)
