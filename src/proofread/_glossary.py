"""A Markdown extension: where a page first says a word of the glossary, it tells what that means.

The glossary is a page of the site, with a definition list, and the only place where a meaning is
written: `<abbr title="…">` takes it from there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

AFTER_ANCHORS = 3
"""A priority below those at which headings and tabs get theirs from their text."""
ENTRY = re.compile(r"^(\S.*)\n:   (\S.*(?:\n    \S.*)*)", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|`([^`]*)`")
TOLD = frozenset({"p", "li", "td"})
"""Where a reader meets a word, and may wonder."""
TAB = "tabbed-block"
PLAIN = frozenset({"strong", "em", "b", "i"})


class GlossaryError(ValueError):
    """A glossary that is not there, defines nothing, or a word twice."""


def meanings(text: str) -> dict[str, str]:
    """By word, what a glossary page says of it, as plain text."""
    found: dict[str, str] = {}
    for word, meaning in ENTRY.findall(text):
        if word.lower() in found:
            raise GlossaryError(f"The glossary defines {word!r} twice.")
        plain = LINK.sub(lambda link: link[1] or link[2], meaning)
        found[word.lower()] = " ".join(plain.split())
    if not found:
        raise GlossaryError("The glossary defines nothing: write `word`, and `:   meaning` below.")
    return found


def words(known: Mapping[str, str]) -> re.Pattern[str]:
    """Finds each of them, in any case, alone or with an `s`; the longer ones first."""
    longest = sorted(map(re.escape, known), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(longest)})s?(?![\w-])", re.IGNORECASE)


@functools.lru_cache(maxsize=1)
def _read(path: str, changed: int) -> tuple[dict[str, str], re.Pattern[str]]:
    del changed  # it is part of what is asked for
    known = meanings(Path(path).read_text(encoding="utf-8"))
    return known, words(known)


class Told(Treeprocessor):
    """Marks the first place of each word on a page."""

    def __init__(self, md: Markdown, known: Mapping[str, str], pattern: re.Pattern[str]) -> None:
        super().__init__(md)
        self.known = known
        self.pattern = pattern

    def run(self, root: Element) -> None:
        """A definition list is left as it is: there the words are explained."""
        for element, told in self._elements(root, set()):
            if not isinstance(element.text, AtomicString):
                self._tell(element, None, told)
            for child in list(element):
                if not isinstance(child.tail, AtomicString):
                    self._tell(element, child, told)

    def _elements(
        self, element: Element, told: set[str], inside: bool = False
    ) -> Iterator[tuple[Element, set[str]]]:
        """Each with the words that its reader has been told of."""
        if TAB in (element.get("class") or "").split():
            told = set(told)  # who has picked another tab does not see this one
        inside = element.tag in TOLD or (inside and element.tag in PLAIN)
        if inside:
            yield element, told
        for child in list(element):
            if child.tag not in {"a", "abbr", "code", "dl"}:
                yield from self._elements(child, told, inside)

    def _tell(self, parent: Element, before: Element | None, told: set[str]) -> None:
        """In the text of an element, or in that behind one of its children."""
        text = (parent.text if before is None else before.tail) or ""
        last = 0
        for found in self.pattern.finditer(text):
            word = found[1].lower()
            if word in told:
                continue
            told.add(word)
            _put(parent, before, text[last : found.start()])
            mark = Element("abbr", {"title": self.known[word]})
            mark.text = AtomicString(found[0])
            parent.insert(0 if before is None else list(parent).index(before) + 1, mark)
            before, last = mark, found.end()
        _put(parent, before, text[last:])


def _put(parent: Element, before: Element | None, text: str) -> None:
    if before is None:
        parent.text = text
    else:
        before.tail = text


class Glossary(Extension):
    """Takes `page`, the path of the glossary: `!relative $docs_dir/glossary.md` in mkdocs.yml."""

    def __init__(self, **options: Any) -> None:
        self.config = {"page": ["docs/glossary.md", "The page with the definition list."]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Add what marks the words."""
        page = Path(self.getConfig("page"))
        if not page.is_file():
            raise GlossaryError(f"There is no glossary {page}: write one, or name it as `page`.")
        known, pattern = _read(str(page), page.stat().st_mtime_ns)
        md.treeprocessors.register(Told(md, known, pattern), "glossary", AFTER_ANCHORS)


def makeExtension(**options: Any) -> Glossary:  # noqa: N802
    """Called by Python-Markdown."""
    return Glossary(**options)
