"""Slips in what a definition declares: its parameters, their order and their defaults."""

from __future__ import annotations

import ast
import copy
import itertools
import re
from collections.abc import Callable, Iterator

from proofread._slip import Function, Slip

Parameters = list[tuple[ast.arg, ast.expr | None]]
EMPTY: dict[str, str | int] = {"str": "", "float": 0, "int": 0}
"""By a word in its annotation, what stands for nothing instead of `None`."""


def declared(function: Function) -> Iterator[Slip]:
    """What its callers would notice, if they pass it or leave it out."""
    named = [*_in_order(function), *_by_name(function)]
    if not (function.name.startswith("__") and function.name != "__init__"):
        for arg, default in named:
            if arg in function.args.kwonlyargs:
                yield Slip(
                    "renamed", f"{arg.arg} renamed", _renamed(function, arg.arg), about=arg.arg
                )
            if arg not in function.args.kwonlyargs:
                yield Slip(
                    "dropped", f"{arg.arg} dropped", _dropped(function, arg.arg), about=arg.arg
                )
            if default is not None:
                yield Slip(
                    "ignored",
                    f"{arg.arg} ignored",
                    _ignored(function, arg.arg, default),
                    about=arg.arg,
                )
        yield from _swapped(function)
    for arg, default in named:
        for other in others(default, arg.annotation):
            what = said(arg.arg, default, other)
            yield Slip("default", what, _defaulted(function, arg, other), about=arg.arg)


def field(attribute: ast.AnnAssign) -> Iterator[Slip]:
    """The default of what a dataclass is made with."""
    for other in others(attribute.value, attribute.annotation):
        changed = copy.copy(attribute)
        changed.value = other
        name = ast.unparse(attribute.target)
        yield Slip("default", said(name, attribute.value, other), changed, about=name)


def said(name: str, default: ast.expr | None, other: ast.expr) -> str:
    was = ast.unparse(default) if default is not None else ""
    return f"default of {name} {was} -> {ast.unparse(other)}"


def others(default: ast.expr | None, annotation: ast.expr | None) -> Iterator[ast.expr]:
    """What else a default could be; nothing for those of which no other is of their type."""
    match default:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 2 or 1.0)
        case ast.Constant(value=str(value)):
            yield ast.Constant(f"{value}x")
        case ast.Constant(value=None) if annotation is not None:
            words = re.findall(r"\w+|\[", ast.unparse(annotation).partition("[")[0])
            yield from [ast.Constant(EMPTY[word]) for word in words if word in EMPTY][:1]
        case _:
            return


def _in_order(function: Function) -> Parameters:
    """Those that may be passed by their place, without what stands for the object itself."""
    args = [*function.args.posonlyargs, *function.args.args]
    none: list[ast.expr | None] = [None] * (len(args) - len(function.args.defaults))
    paired = list(zip(args, [*none, *function.args.defaults], strict=True))
    return [(arg, default) for arg, default in paired if arg.arg not in {"self", "cls"}]


def _by_name(function: Function) -> Parameters:
    return list(zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True))


def _every(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _changed(function: Function, change: Callable[[Function], None]) -> Function:
    changed = copy.deepcopy(function)
    change(changed)
    return ast.fix_missing_locations(changed)


def _begun_with(function: Function, name: str, value: ast.expr) -> None:
    """Let it begin with `name = value`, behind its docstring."""
    at = 0 if ast.get_docstring(function) is None else 1
    function.body.insert(at, ast.Assign([ast.Name(name, ast.Store())], value))


def _renamed(function: Function, name: str) -> Function:
    def change(changed: Function) -> None:
        for arg in _every(changed):
            if arg.arg == name:
                arg.arg = f"{name}_"
        _begun_with(changed, name, ast.Name(f"{name}_", ast.Load()))

    return _changed(function, change)


def _ignored(function: Function, name: str, default: ast.expr) -> Function:
    return _changed(function, lambda changed: _begun_with(changed, name, copy.deepcopy(default)))


def _dropped(function: Function, name: str) -> Function:
    def change(changed: Function) -> None:
        args = changed.args
        both = [*args.posonlyargs, *args.args]
        at = next(n for n, arg in enumerate(both) if arg.arg == name)
        first = len(both) - len(args.defaults)
        default = args.defaults.pop(at - first) if at >= first else ast.Constant(None)
        args.posonlyargs = [arg for arg in args.posonlyargs if arg.arg != name]
        args.args = [arg for arg in args.args if arg.arg != name]
        _begun_with(changed, name, default)

    return _changed(function, change)


def _swapped(function: Function) -> Iterator[Slip]:
    """Two neighbours in each other's place, with what belongs to them."""
    for kind in ("posonlyargs", "args"):
        own = getattr(function.args, kind)
        defaults = dict(_in_order(function))
        for at, (one, other) in enumerate(itertools.pairwise(own)):
            if one not in defaults or (defaults[one] is None) != (defaults[other] is None):
                continue

            def change(changed: Function, kind: str = kind, at: int = at) -> None:
                args = getattr(changed.args, kind)
                args[at], args[at + 1] = args[at + 1], args[at]
                every = [*changed.args.posonlyargs, *changed.args.args]
                mine = every.index(args[at]) - len(every) + len(changed.args.defaults)
                if mine >= 0:
                    values = changed.args.defaults
                    values[mine], values[mine + 1] = values[mine + 1], values[mine]

            what = f"{one.arg} and {other.arg} swapped"
            yield Slip("reordered", what, _changed(function, change))


def _defaulted(function: Function, arg: ast.arg, other: ast.expr) -> Function:
    def change(changed: Function) -> None:
        for owner, values in (
            (_in_order(changed), changed.args.defaults),
            (_by_name(changed), changed.args.kw_defaults),
        ):
            names = [one.arg for one, _ in owner][len(owner) - len(values) :]
            if arg.arg in names:
                values[names.index(arg.arg)] = other

    return _changed(function, change)
