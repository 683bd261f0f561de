"""The sections of the built site: what a reader of it sees below a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

HEADING = re.compile(r"h[1-6]")


class Absent(LookupError):
    """A page or a section that the site does not have."""


@dataclass(slots=True)
class Section:
    """All that stands between a heading and the next that is no smaller."""

    blocks: list[str] = field(default_factory=list[str])
    rows: list[str] = field(default_factory=list[str])
    prose: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])


class BuiltPage:
    """One page."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def section(self, anchor: str) -> Section:
        """The section below the heading with this anchor."""
        found, level = Section(), 0
        for element in self._elements:
            if HEADING.fullmatch(element.tag):
                if level and int(element.tag[1]) <= level:
                    break
                if element.get("id") == anchor:
                    level = int(element.tag[1])
            elif level:
                _note(element, found)
        if not level:
            raise Absent(f"has no section #{anchor}")
        return found

    @property
    def anchors(self) -> list[str]:
        """Of its headings, in their order."""
        headings = (element for element in self._elements if HEADING.fullmatch(element.tag))
        return [anchor for heading in headings if (anchor := heading.get("id"))]

    @cached_property
    def _elements(self) -> list[Element]:
        if not self._file.is_file():
            raise Absent("is not there")
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
        [article] = etree.fromstring(self._file.read_bytes(), parser).iter("article")
        return [element for element in article.iter() if isinstance(element.tag, str)]


def _note(element: Element, found: Section) -> None:
    if element.tag == "pre":
        found.blocks.extend(map(_text, element.iter("code")))
    elif element.tag == "tr":
        found.rows.append(" ".join(_text(element).split()))
    elif element.tag in {"p", "li"}:
        found.prose.append(" ".join(_text(element).split()))
    elif element.tag == "a":
        found.links.append(element.get("href") or "")


def _text(element: Element) -> str:
    return str(element.xpath("string()"))


class BuiltSite:
    """A site as its generator made it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: dict[str, BuiltPage] = {}

    def section(self, page: str, anchor: str) -> Section:
        """A section of a page, which is named as in a row: without its ending."""
        return self.page(page).section(anchor)

    def page(self, name: str) -> BuiltPage:
        """A page by its name."""
        if name not in self._pages:
            self._pages[name] = BuiltPage(self._folder / f"{name}.html")
        return self._pages[name]

    def names(self) -> list[str]:
        """Of all pages: not the one for what is not there, nor those that lead elsewhere."""
        files = [file for file in self._folder.rglob("*.html") if b"<article" in file.read_bytes()]
        names = (file.relative_to(self._folder).with_suffix("").as_posix() for file in files)
        return sorted(name for name in names if name != "404")
