"""What a `:::` directive will show: the examples in its docstrings, and the signatures around them.

mkdocstrings' own templates are rendered, with filters that note what passes through them: so the
order, the options and the members are those of the site.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import griffe
import yaml
from jinja2 import pass_context
from lxml import etree
from markdown import Markdown
from markupsafe import Markup
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from mkdocstrings import CollectionError

from proofread._bare import may_tell
from proofread._model import Block, Problem, Result
from proofread._spelling import Documented, Spelling, disagreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig

ROLE = "signature"
"""Also stands as the language of these blocks, so that nothing takes them for a story's code."""
MAY_HOLD_CODE = re.compile(r"`{3}|~{3}|<pre|--8<--|^(?: {4}|\t)|^:::", re.MULTILINE)
MARK = re.compile(r"proofread-mark-(\d+)-")

QUOTES = re.compile(r"""\A\s*[rRuU]?(\"{3}|'{3}|["'])|(\"{3}|'{3}|["'])\s*\Z""")

Shape = Callable[..., str]


class Collect(Protocol):
    """Renders Markdown as the site does, and returns its blocks in reading order."""

    def __call__(
        self, text: str, *, path: Path, first_line: int
    ) -> tuple[list[Block], list[Problem]]: ...


class Reference:
    """The site's reference pages, asked directive by directive.

    It keeps what it loaded: make a new one when the Python files changed.
    """

    def __init__(self, config_file: Path, collect: Collect) -> None:
        self.config_file = config_file
        self.collect = collect
        self.problems: list[Problem] = []
        self.signatures: list[Result] = []
        """Signature blocks met so far, each already held against the code it shows."""
        self.documented: list[Documented] = []
        """All that has been shown so far."""

    def __call__(self, directive: str, *, page: Path | None = None, line: int = 0) -> list[Block]:
        """The blocks of `::: dotted.name` and its indented options, in reading order."""
        head, _, rest = directive.strip().partition("\n")
        name = head.lstrip("#").strip().removeprefix(":::").strip()
        try:
            local = yaml.safe_load(textwrap.dedent(rest)) or {}
            options = self._handler.get_options(local.get("options", {}))
            data = self._handler.collect(name, options)
        except (AttributeError, CollectionError, PluginError, yaml.YAMLError) as error:
            advice = "Write a dotted name that can be imported, and indent `options:` below it."
            message = f"`::: {name}` shows nothing: {error}. {advice}"
            self.problems.append(Problem(page or self.config_file, line, message))
            return []
        seen = _Seen(self, options)
        html = str(seen.render(self._handler, data))
        return [block for mark in MARK.finditer(html) for block in seen.blocks[int(mark[1])]]

    @cached_property
    def _handler(self) -> Any:
        config: MkDocsConfig = load_config(str(self.config_file))
        plugin = cast("Any", config.plugins["mkdocstrings"])
        plugin.on_config(config)
        handler = plugin.get_handler("python")
        handler._update_env(Markdown(), config=config)
        return handler


class _Seen:
    """One rendering: marks in the HTML, and the blocks that each of them stands for."""

    def __init__(self, reference: Reference, options: Any) -> None:
        self.reference = reference
        self.options = options
        self.blocks: list[list[Block]] = []
        self.entered: list[_Entered] = []

    def render(self, handler: Any, data: Documented) -> str:
        filters, names = handler.env.filters, handler.env.globals
        kept = dict(filters), dict(names)
        filters["convert_markdown"] = self.markdown
        filters["highlight"] = partial(self.code, filters["highlight"])
        for kind in ("format_signature", "format_attribute", "format_type_alias"):
            filters[kind] = pass_context(partial(self.signature, filters[kind]))
        names["AutorefsHook"] = partial(self.enter, names["AutorefsHook"])
        try:
            return cast("str", handler.render(data, self.options))
        finally:
            filters.update(kept[0])
            names.update(kept[1])

    def mark(self, blocks: list[Block]) -> Markup:
        self.blocks.append(blocks)
        return Markup(f"proofread-mark-{len(self.blocks) - 1}-")

    def enter(self, hook: Callable[..., object], shown: Documented, config: Any) -> object:
        """Called as each docstring begins, and in the middle of one for each attribute it lists."""
        self.reference.documented.append(shown)
        if shown.docstring is not None:
            self.entered.append(_Entered(shown.docstring))
        return hook(shown, config)

    def markdown(self, text: str, *_: object, **__: object) -> Markup:
        if not (MAY_HOLD_CODE.search(text) or may_tell(text)):
            return Markup()
        path, line = self.find(text)
        blocks, problems = self.reference.collect(text, path=path, first_line=line)
        self.reference.problems.extend(problems)
        return self.mark(blocks)

    def code(self, highlight: Callable[..., str], source: str, **options: Any) -> str:
        html = highlight(source, **options)
        if options.get("inline") or "doc-signature" in options.get("classes", ()):
            return html
        path, line = self.find(source)
        if "linestart" in options:
            said = (
                "Its whole source would be published, and no run proves it: set show_source: false."
            )
            self.reference.problems.append(Problem(path, line, said))
        # A prompt has no fence: these are the lines around it, so that errors point into it.
        end = line + len(source.splitlines())
        return self.mark([Block(path, line - 1, end, options["language"], None, _text(html))])

    def signature(
        self, shape: Shape, context: Any, name: str, shown: Documented, *args: Any, **options: Any
    ) -> Markup:
        text = _text(shape(context, name, shown, *args, **options))
        # A generated `__init__` stands on no line, but its class does.
        line = shown.lineno or (shown.parent.lineno if shown.parent else None) or 1
        result = Result(Block(_file(shown), line, line, ROLE, None, text), ROLE)
        annotated = options.get("annotations") or self.options.show_signature_annotations
        spelling = Spelling(self.options, bool(annotated), options.get("show_value", True))
        if said := disagreement(text, spelling.of(shown, str(name).strip())):
            result.problems.append(said)
        self.reference.signatures.append(result)
        return self.mark([result.block])

    def find(self, text: str) -> tuple[Path, int]:
        """The file, and the line on which this begins in the last docstring that has it."""
        for entered in reversed(self.entered):
            place = entered.find(text)
            if place is not None:
                return place
        if not self.entered:
            return self.reference.config_file, 1
        return self.entered[-1].place(0)


@dataclass(slots=True)
class _Entered:
    """A docstring, and how far it has been shown."""

    docstring: griffe.Docstring
    reached: int = 0

    def find(self, text: str) -> tuple[Path, int] | None:
        """The file, and the line in it on which a part of this docstring begins."""
        wanted = text.strip().splitlines()
        lines = QUOTES.sub("", self.docstring.source).splitlines()
        first = _position(lines, wanted, self.reached)
        if first is None:
            return None
        self.reached = first + 1
        return self.place(first)

    def place(self, row: int) -> tuple[Path, int]:
        """Where a line of it stands."""
        return _file(cast("Documented", self.docstring.parent)), (self.docstring.lineno or 1) + row


def _position(lines: Sequence[str], wanted: Sequence[str], start: int) -> int | None:
    """Where these lines stand, whatever their indentation.

    Their first may stand behind the name of an argument, so it need not match.
    """
    stripped = [line.strip() for line in lines]
    part = [line.strip() for line in wanted]
    for skipped in range(len(part)):
        rest = part[skipped:]
        for n in chain(range(start, len(lines)), range(start)):
            if stripped[n : n + len(rest)] == rest:
                return n - skipped
    return None


def _file(shown: Documented) -> Path:
    path = shown.filepath
    return path[0] if isinstance(path, list) else path


def _text(html: str) -> str:
    codes = etree.fromstring(html, etree.HTMLParser()).iter("code")
    return "".join(str(code.xpath("string()")) for code in codes)
