"""Where in a built file its code blocks, their marks and the ledger stand, as offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import accumulate

from proofread._shown import FIGURE

ROLE = "data-role"
FIRST = re.compile(r"<(?:pre|figure)\b|<\w[^<>]*\b(?:highlight|proof-mark|data-proofread)\b")
NO_TAGS = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<title", "</title"))
"""Between these a tag is none."""
Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class Placed:
    """One code block, and the offset behind all that the generator wrapped around it."""

    text: str = ""
    start: int = 0
    """Where its wrapper begins."""
    end: int = 0
    """Where its wrapper ends."""
    figure: bool = False
    """Whether a figure stands in its place already."""
    behind: int = 0
    told: int = 0
    """Where its wrapper takes one more attribute; 0 if it has none, or has its role already."""


@dataclass(slots=True)
class _Open:
    tag: str
    start: int
    classes: frozenset[str]
    blocks: list[Placed] = field(default_factory=list[Placed])
    whole: list[Placed] = field(default_factory=list[Placed])
    inner: int = 0
    ledger: bool = False
    told: bool = False


def scan(html: str) -> Scan:
    """Read a file once."""
    seen = Scan(html, start=_start(html))
    seen.feed(html[seen.start :])
    seen.close()
    return seen


def _start(html: str) -> int:
    """Where there is something to find: what stands above, such as a menu, matters to nothing."""
    first = FIRST.search(html)
    if first is None:
        return len(html)
    above = html[: first.start()]
    return 0 if any(above.rfind(a) > above.rfind(z) for a, z in NO_TAGS) else first.start()


class Scan(HTMLParser):
    """Where the blocks, earlier marks and the ledger of a file begin and end."""

    def __init__(self, html: str, *, start: int = 0) -> None:
        super().__init__()
        self.html = html
        self.start = start
        lines = html[start:].split("\n")
        self.lines = [*accumulate((len(line) + 1 for line in lines), initial=start)]
        self.open: list[_Open] = []
        self.blocks: list[Placed] = []
        self.marks: list[tuple[int, int]] = []
        self.ledgers: list[tuple[int, int]] = []
        self.code: Placed | None = None

    def here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        values = dict(attrs)
        start = self.here()
        element = _Open(tag, start, frozenset((values.get("class") or "").split()))
        element.inner = start + len(self.get_starttag_text() or "")
        element.told = ROLE in values
        element.ledger = values.get("data-proofread") == "ledger"
        if tag == "code" and self.open and self.open[-1].tag == "pre":
            around = self.wrapper() or self.open[-1]
            told = around.inner - 1 if "highlight" in around.classes and not around.told else 0
            self.code = Placed(told=told, start=around.start)
            self.blocks.append(self.code)
            around.whole.append(self.code)
            # Inside the wrapper: the theme looks for annotations right behind it.
            self.open[-1].blocks.append(self.code)
        if tag == "figure" and FIGURE in element.classes:
            self.blocks.append(Placed(start=start, figure=True))
            element.whole.append(self.blocks[-1])
        self.open.append(element)

    def wrapper(self) -> _Open | None:
        return next((n for n in reversed(self.open) if "highlight" in n.classes), None)

    def handle_data(self, data: str) -> None:
        if self.code is not None:
            self.code.text += data.replace("\r\n", "\n")

    def handle_endtag(self, tag: str) -> None:
        if not any(node.tag == tag for node in self.open):
            return
        # What has no end tag, such as <br>, ends with what it stands in.
        end = self.html.index(">", self.here()) + 1
        while self.open:
            node = self.open.pop()
            self.closed(node, end)
            if node.tag == tag:
                return

    def closed(self, node: _Open, end: int) -> None:
        if node.tag == "code":
            self.code = None
        for block in node.blocks:
            block.behind = end
        for block in node.whole:
            block.end = end
        if "proof-mark" in node.classes:
            self.marks.append((node.start, end))
        if node.ledger:
            self.ledgers.append((node.inner, self.here()))
