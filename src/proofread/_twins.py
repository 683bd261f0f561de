"""Two builds of one site, page by page: whether a reader finds the same there, in the same order.

Menus, headers and footers are a theme's, so only the article of a page counts.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

MOST = 12
"""How many lines of a page are told."""
HOST = "https://site.invalid/"
NUMBERED = "__"
"""Begins the anchors that a theme makes for itself."""
UNREAD = frozenset({"nav", "script", "style"})
MARK = "proof-mark"
"""The class of what the stamp put there."""


def differences(one: Path, other: Path) -> Iterator[str]:
    """What only one of two built sites has: whole pages, or lines of an article."""
    names = sorted(_pages(one) | _pages(other))
    for name in names:
        if not (one / name).is_file():
            yield f"{name}: a page that was not published."
        elif not (other / name).is_file():
            yield f"{name}: not built."
        else:
            yield from _told(name, *(_read(name, site) for site in (one, other)))


def _pages(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("*.html")}


def _told(name: str, published: list[str], built: list[str]) -> Iterator[str]:
    if published == built:
        return
    compared = [*difflib.unified_diff(published, built, n=0, lineterm="")][2:]
    lines = [line for line in compared if not line.startswith("@@")]
    more = [f"… {len(lines) - MOST} lines more"] if len(lines) > MOST else []
    yield "\n".join([f"{name}:", *(f"  {line}" for line in [*lines[:MOST], *more])])


def _read(name: str, site: Path) -> list[str]:
    """The article of a page as lines: text, code, anchors, and where links and images lead."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring((site / name).read_bytes(), parser)
    articles = [*root.iter("article")]
    return [line for part in articles or [root] for line in _lines(part, urljoin(HOST, name))]


def _lines(element: Element, address: str) -> Iterator[str]:
    if element.tag in UNREAD or _is_mark(element):
        return
    anchor = element.get("id") or ""
    if anchor and not anchor.startswith(NUMBERED):
        yield f"anchor {anchor}"
    for key in ("href", "src"):
        if (target := element.get(key)) is not None:
            yield f"{key} {_resolved(target, address)}"
    if element.tag == "pre":
        yield from str(element.xpath("string()")).splitlines()
        return
    yield from _words(element.text)
    for child in element:
        yield from _lines(child, address)
        yield from _words(child.tail)


def _is_mark(element: Element) -> bool:
    return MARK in (element.get("class") or "").split()


def _words(text: str | None) -> Iterable[str]:
    said = " ".join((text or "").split())
    return [said] if said else []


def _resolved(target: str, address: str) -> str:
    """The same for each spelling of one address: a page may be named by its folder."""
    parts = urlsplit(urljoin(address, target))
    return parts._replace(path=parts.path.removesuffix("index.html")).geturl().removeprefix(HOST)
