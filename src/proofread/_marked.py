"""The site's own renderer, whose HTML and lines lead back to what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, cast

from markdown import Markdown
from pymdownx.snippets import SnippetPreprocessor
from pymdownx.superfences import SuperFencesBlockPreprocessor

from proofread._facts import FACTS, FactsExtension

MarkdownFactory = Callable[[], Markdown]

MARK = "data-proofread-fence"
SIGN = "\ufdd0"
"""Ends an included line, before the number of its include; no text holds this character."""


@dataclass(slots=True)
class Fence:
    """What the source said of a block; the HTML no longer tells."""

    language: str
    title: str | None
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    start: int
    end: int


class MarkedSnippets(SnippetPreprocessor):  # type: ignore[misc]
    """The site's own includes, each of whose lines tells which include it came from."""

    number: int
    files: list[str]
    """What each include named, without its section."""

    def run(self, lines: list[str]) -> list[str]:
        self.number = -1
        self.files = []
        return cast("list[str]", super().run(lines))

    def parse_snippets(self, lines: list[str], file_name: str | None = None, *rest: Any,
                       **named: Any) -> list[str]:  # fmt: skip
        found = cast("list[str]", super().parse_snippets(lines, file_name, *rest, **named))
        if file_name is None or self.seen:  # the page itself, or an include in an include
            return found
        self.number += 1
        self.files.append(str(file_name))
        return [f"{line}{SIGN}{self.number}" for line in found]


def included_files(renderer: Markdown) -> list[str]:
    """The files of all includes, as `MarkedFences.included` counts them."""
    if "snippet" not in renderer.preprocessors:
        return []
    return cast("MarkedSnippets", renderer.preprocessors["snippet"]).files


class MarkedFences(SuperFencesBlockPreprocessor):  # type: ignore[misc]
    """The site's own fences, each leaving a mark in the HTML that leads back to its source."""

    fences: list[Fence]
    expanded: list[str]
    included: list[int | None]
    """For each of these lines the number of its include, or `None` where it is the page's own."""

    def run(self, lines: list[str]) -> list[str]:
        parts = [line.partition(SIGN) for line in lines]
        self.fences = []
        self.expanded = [line if line.strip() else "" for line, _, _ in parts]
        self.included = [int(number) if number else None for _, _, number in parts]
        return cast("list[str]", super().run(list(self.expanded)))

    def highlight(self, src: str = "", *rest: Any, **named: Any) -> str:
        """Without the colours, which no proof looks at and which take longest.

        The gate compares what this comes to with the site's own code, byte for byte.
        """
        if not self.use_pygments:
            return cast("str", super().highlight(src, *rest, **named))
        code = src.replace("\r\n", "\n").replace("\r", "\n")
        code = (code.strip("\n") if self.stripnl else code).removesuffix("\n")
        return f'<div class="highlight"><pre><span></span><code>{escape(code)}\n</code></pre></div>'

    def process_nested_block(self, ws: str, content: str, start: int, end: int) -> None:
        title = self.options.get("title")
        attributes = tuple(key for key in self.attrs)
        found = Fence(self.lang or "", title, tuple(self.classes), attributes, start, end)
        self.fences.append(found)
        super().process_nested_block(ws, content, start, end)

    def _store(self, source: str, code: str, start: int, end: int) -> None:
        marked = f'<div {MARK}="{len(self.fences) - 1}">{code}</div>'
        super()._store(source, marked, start, end)


def markdown_factory(extensions: list[Any], configs: Mapping[str, Any]) -> MarkdownFactory:
    """Renderers as the site has them, except that a missing include or lock is always an error."""
    strict = {key: dict(value or {}) for key, value in configs.items()}
    if "pymdownx.snippets" in extensions:
        strict.setdefault("pymdownx.snippets", {})["check_paths"] = True

    facts = FactsExtension(**strict.get(FACTS, {}))
    _ = facts.facts.packages  # at once: pytest would wrap what a page runs into in a traceback
    named = [facts if name == FACTS else name for name in extensions]

    def make() -> Markdown:
        markdown = Markdown(extensions=named, extension_configs=strict)
        if "snippet" in markdown.preprocessors:
            cast("Any", markdown.preprocessors["snippet"]).__class__ = MarkedSnippets
        plain = cast("Any", markdown.preprocessors["fenced_code_block"])
        marked = cast("Any", MarkedFences(markdown))
        marked.config, marked.extension = plain.config, plain.extension
        marked.extension.superfences[0]["formatter"] = marked.highlight
        markdown.preprocessors.register(marked, "fenced_code_block", 25)
        return markdown

    return make
