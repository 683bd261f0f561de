"""Where the links and pictures of a built site lead: to a file of it, and to a place there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

TARGETS = {"a": "href", "img": "src", "source": "src", "video": "src"}
"""What a writer can break; the generator's own styles and scripts come with it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One that stands in a file of the site, relative to it."""

    file: str
    line: int
    target: str


@dataclass(slots=True)
class Links:
    """All links of a site, and all places that they may lead to."""

    site: Path
    places: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By file, the ids in it."""
    links: dict[tuple[str, str], Link] = field(default_factory=dict[tuple[str, str], Link])

    def read(self, file: str, root: Element) -> None:
        """Take in a file."""
        found = cast("list[str]", root.xpath("//@id | //a/@name"))
        self.places[file] = set(found)
        for element in root.iter(*TARGETS):
            target = element.get(TARGETS[str(element.tag)])
            if target and not _elsewhere(target):
                line = cast("int | None", element.sourceline) or 0
                self.links.setdefault((file, target), Link(file, line, target))

    def lost(self) -> Iterator[tuple[Link, str]]:
        """Those that lead nowhere, and why."""
        files: dict[str, bool] = {}
        for link in self.links.values():
            split = urlsplit(link.target)
            file = self._file(link.file, unquote(split.path))
            if file not in self.places:
                if file not in files:
                    files[file] = (self.site / file).is_file()
                if not files[file]:
                    yield link, f"the site has no {file}"
            elif split.fragment and unquote(split.fragment) not in self.places[file]:
                yield link, f"{file} has no #{unquote(split.fragment)}"

    def _file(self, here: str, path: str) -> str:
        if not path:
            return here
        found = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        is_folder = path.endswith("/") or posixpath.basename(path) in {".", ".."}
        return posixpath.normpath(posixpath.join(found, "index.html")) if is_folder else found


def _elsewhere(target: str) -> bool:
    """Whether it leads to another host, or depends on where the site will stand."""
    split = urlsplit(target)
    return bool(split.scheme or split.netloc or target.startswith("/") or target == "#")
