"""The site is whole: read from a disk or from a server, it asks no other host for anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FOREIGN = re.compile(r"(https?:)?//")
FROM_STYLE = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")


class Reading(HTMLParser):
    """What a page asks for when it is opened, and where its links lead."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.asked: set[str] = set()
        self.links: set[str] = set()
        self.searches = False
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.searches |= told.get("data-md-component") == "search"
        if tag == "a" or told.get("rel") == "canonical":
            self.links.add(told.get("href") or "")
        else:
            self.asked |= {told.get("src") or "", told.get("href") or ""} - {""}


def readings(site: Path) -> Iterator[tuple[Path, Reading]]:
    """The page that a server shows for an unknown address is read from no disk."""
    for page in site.rglob("*.html"):
        if page != site / "404.html":
            yield page, Reading(page)


def test_no_page_asks_another_host_for_anything(built_site: Path) -> None:
    asked = {url for _, reading in readings(built_site) for url in reading.asked}
    assert len(asked) > 20
    assert [url for url in sorted(asked) if FOREIGN.match(url)] == []


def test_no_style_sheet_asks_another_host_for_anything(built_site: Path) -> None:
    sheets = [path.read_text(encoding="utf-8") for path in built_site.rglob("*.css")]
    asked = {url or other for text in sheets for url, other in FROM_STYLE.findall(text)}
    assert "fonts/inter.woff2" in asked
    assert [url for url in sorted(asked) if FOREIGN.match(url)] == []


def test_all_that_a_page_names_of_the_site_is_a_file(built_site: Path) -> None:
    names = 0
    for page, reading in readings(built_site):
        for url in reading.asked | reading.links:
            parts = urlsplit(url)
            if not parts.scheme and parts.path:
                assert (page.parent / unquote(parts.path)).is_file(), f"{page}: {url}"
                names += 1
    assert names > 1000


def test_search_needs_neither_a_worker_nor_a_request(built_site: Path) -> None:
    folder = built_site / "search"
    script = (folder / "search_index.js").read_text(encoding="utf-8")
    index = json.loads((folder / "search_index.json").read_text(encoding="utf-8"))
    assert json.loads(script.removeprefix("var __index = ")) == index
    searching = [reading for _, reading in readings(built_site) if reading.searches]
    assert len(searching) > 100
    for reading in searching:
        assert {Path(url).name for url in reading.asked} >= {"iframe-worker.js"}
