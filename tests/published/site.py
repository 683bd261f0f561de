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
KINDS = {"pre": "blocks", "tr": "rows", "p": "prose", "li": "prose", "a": "links"}
"""What of a section an element adds to."""


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
        if anchor not in self._sections:
            raise Absent(f"has no section #{anchor}")
        return self._sections[anchor]

    @property
    def anchors(self) -> list[str]:
        """Of its headings, in their order."""
        return list(self._sections)

    @cached_property
    def _sections(self) -> dict[str, Section]:
        """All, by their anchors, read at once: what stands in one stands in those around it."""
        found: dict[str, Section] = {}
        around: list[tuple[str, Section]] = []
        for element in self._elements():
            if HEADING.fullmatch(element.tag):
                around = [(tag, section) for tag, section in around if tag < element.tag]
                if anchor := element.get("id"):
                    found[anchor] = Section()
                    around.append((element.tag, found[anchor]))
            elif around and (kind := KINDS.get(element.tag)):
                told = _told(element)
                for _, section in around:
                    getattr(section, kind).extend(told)
        return found

    def _elements(self) -> list[Element]:
        if not self._file.is_file():
            raise Absent("is not there")
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
        [article] = etree.fromstring(self._file.read_bytes(), parser).iter("article")
        return [element for element in article.iter() if isinstance(element.tag, str)]


def _told(element: Element) -> list[str]:
    """What an element adds to the sections that it stands in."""
    if element.tag == "pre":
        return [_text(code) for code in element.iter("code")]
    if element.tag == "a":
        return [element.get("href") or ""]
    return [" ".join(_text(element).split())]


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
