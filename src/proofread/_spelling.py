"""How the site spells a signature that griffe read from the code, and whether a page agrees."""

from __future__ import annotations

import ast
from typing import Any, cast

import griffe

ANNOTATED = frozenset({"typing.Annotated", "typing_extensions.Annotated"})

Documented = griffe.Object | griffe.Alias


class Spelling:
    """How the site spells what griffe read from the code, under the options of this directive."""

    def __init__(self, options: Any, annotated: bool, valued: bool) -> None:
        self.options = options
        self.annotated = annotated
        self.valued = valued

    def of(self, shown: Documented, name: str) -> str:
        """A statement that defines it: what its signature must say."""
        generic = self.type_parameters(shown)
        if shown.is_function:
            return self.function(cast("griffe.Function", shown), name + generic)
        if shown.is_type_alias:
            return f"{name}{generic} = {self.spell(cast('griffe.TypeAlias', shown).value)}"
        attribute = cast("griffe.Attribute", shown)
        annotation = f": {self.spell(attribute.annotation)}" if attribute.annotation else ""
        value = f" = {self.spell(attribute.value, 'source')}" if attribute.value else ""
        return name + annotation * self.annotated + value * self.valued

    def function(self, function: griffe.Function, name: str) -> str:
        parameters = list(function.parameters)
        if function.parent and function.parent.is_class and parameters:
            parameters = parameters[parameters[0].name in {"self", "cls"} :]
        groups = {
            kind: [self.parameter(parameter) for parameter in parameters if parameter.kind is kind]
            for kind in griffe.ParameterKind
        }
        kind = griffe.ParameterKind
        shown = [
            *groups[kind.positional_only],
            *["/"] * bool(groups[kind.positional_only]),
            *groups[kind.positional_or_keyword],
            *(groups[kind.var_positional] or ["*"] * bool(groups[kind.keyword_only])),
            *groups[kind.keyword_only],
            *groups[kind.var_keyword],
        ]
        made = function.name == "__init__" and self.options.merge_init_into_class
        returns = f" -> {self.plain(function.annotation)}" if function.annotation else ""
        return f"def {name}({', '.join(shown)})" + returns * (self.annotated and not made) + ": ..."

    def parameter(self, parameter: griffe.Parameter) -> str:
        stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
        star = stars.get(parameter.kind, "") if parameter.kind else ""
        text = star + parameter.name
        if self.annotated and parameter.annotation is not None:
            text += f": {self.spell(parameter.annotation)}"
        if parameter.default is not None and not star:
            text += f" = {self.plain(parameter.default)}"
        return text

    def type_parameters(self, shown: Documented) -> str:
        if not self.options.show_signature_type_parameters or not shown.is_generic:
            return ""
        stars = {"type-var-tuple": "*", "param-spec": "**"}
        found: list[str] = []
        for one in shown.type_parameters:
            bound = f": {self.spell(one.annotation)}" if one.annotation is not None else ""
            default = f" = {self.plain(one.default)}" if one.default is not None else ""
            found.append(
                stars.get(one.kind.value, "") + one.name + bound * self.annotated + default
            )
        return f"[{', '.join(found)}]"

    def plain(self, expression: griffe.Expr | str) -> str:
        """Without cross-references, mkdocstrings leaves defaults and results as written."""
        return self.spell(expression) if self.options.signature_crossrefs else str(expression)

    def spell(self, expression: griffe.Expr | str | None, path: str = "") -> str:
        if isinstance(expression, griffe.Expr) and self.options.modernize_annotations:
            expression = expression.modernize()
        return self._spell(expression or "", path or self.options.annotations_path)

    def _spell(self, expression: griffe.Expr | str, path: str) -> str:
        if isinstance(expression, str):
            return expression
        if isinstance(expression, griffe.ExprName):
            if expression.is_type_parameter:
                return expression.name
            names = {"brief": "canonical_name", "source": "name", "full": "canonical_path"}
            return cast("str", getattr(expression, names[path]))
        if self.options.unwrap_annotated and expression.canonical_path in ANNOTATED:
            inner = cast("griffe.ExprTuple", cast("griffe.ExprSubscript", expression).slice)
            return self._spell(inner.elements[0], path)
        if isinstance(expression, griffe.ExprAttribute) and path == "brief":
            last = expression.last
            first = expression.first
            if isinstance(first, griffe.ExprName) and first.is_type_parameter:
                return "".join(self._spell(part, path) for part in expression)
            if last.is_enum_value:
                return f"{self._spell(cast('griffe.ExprName', last.parent), path)}.value"
            return self._spell(last, path)
        # A full name is full in its first part only; the rest follows from it.
        rest = "brief" if isinstance(expression, griffe.ExprAttribute) else path
        begin, *others = expression
        return self._spell(begin, path) + "".join(self._spell(part, rest) for part in others)


def disagreement(text: str, code: str) -> str | None:
    """What is wrong with a signature that shows `text`, where the code says `code`."""
    shown = f"def {text.strip()}: ..." if code.startswith("def ") else text
    if _meaning(shown) == _meaning(code):
        return None
    flat = " ".join(text.split())
    return f"The page shows `{flat}`, but the code says `{code.removesuffix(': ...')}`."


def _meaning(code: str) -> str:
    """The same for two spellings that differ in white space, quotes and line breaks."""
    try:
        return ast.dump(ast.parse(code))
    except SyntaxError:  # type parameters, before Python 3.12
        return "".join(code.split())
