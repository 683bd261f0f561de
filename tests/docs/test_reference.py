"""The reference shows what there is: every public name once, and nothing else."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import re
from collections import Counter
from pathlib import Path
from typing import get_origin

import postlude.engines
import postlude.frameworks
import postlude.instrumentation

PAGES = Path(__file__).parents[2] / "docs" / "reference"
DIRECTIVE = re.compile(r"^::: *(\S+)", re.MULTILINE)
MODULES = (
    "postlude",
    "postlude.testing",
    *(
        f"postlude.engines.{module.name}"
        for module in pkgutil.iter_modules(postlude.engines.__path__)
    ),
    *(
        f"postlude.frameworks.{module.name}"
        for module in pkgutil.iter_modules(postlude.frameworks.__path__)
    ),
    *(
        f"postlude.instrumentation.{module.name}"
        for module in pkgutil.iter_modules(postlude.instrumentation.__path__)
    ),
)


def public_names(module: str) -> set[str]:
    """What a module offers: what it defines, and what it imports for others (`import x as x`)."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    names: set[str] = set()
    body = ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body
    for node, after in zip(body, [*body[1:], ast.Pass()], strict=True):
        match node:
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
            ):
                names.add(name)
            case ast.ImportFrom(names=imported):
                names.update(_handed_on(imported))
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=imports):
                for one in imports:  # what is imported when it is first asked for
                    if isinstance(one, ast.ImportFrom):
                        names.update(_handed_on(one.names))
            case ast.Assign(targets=[ast.Name(id=name)]) if isinstance(after, ast.Expr):
                names.add(name)  # with a docstring of its own
            case _:
                pass
    return {name for name in names if not name.startswith("_")}


def _handed_on(imported: list[ast.alias]) -> set[str]:
    return {one.name for one in imported if one.asname == one.name}


def shown() -> Counter[str]:
    """How often each name stands behind a `:::`."""
    pages = (page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.md")))
    return Counter(name for page in pages for name in DIRECTIVE.findall(page))


def test_every_public_name_is_on_one_page_and_no_other_name_is() -> None:
    public = {f"{module}.{name}" for module in MODULES for name in public_names(module)}
    assert shown() == Counter(public)


def test_every_public_name_can_be_imported() -> None:
    for module in MODULES:
        names = public_names(module)
        assert names
        assert [name for name in names if not hasattr(importlib.import_module(module), name)] == []


def test_every_public_name_says_what_it_is() -> None:
    for name in shown():
        module, _, attribute = name.rpartition(".")
        value = getattr(importlib.import_module(module), attribute)
        if get_origin(value):  # an alias, whose text stands below it
            continue
        if isinstance(value, type) or callable(value):
            assert value.__doc__, f"{name} has no docstring"
