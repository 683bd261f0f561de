"""The code blocks of a built page, as the browser gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lxml import etree

from proofread._model import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

PREFORMATTED = ("pre", "xmp", "listing", "plaintext", "textarea")
FIGURE = "timeline"
"""The class of a figure that a run has drawn."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One code block."""

    text: str
    line: int

    @property
    def sha256(self) -> str:
        return sha256(self.text)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that looks like code, and why no receipt can vouch for it."""

    line: int
    text: str
    message: str


def shown_code(root: Element) -> Iterator[Shown | Refusal]:
    """All preformatted text and all timelines, in reading order."""
    for element in root.iter(*PREFORMATTED, "figure", "svg"):
        taken = _figure(element) if element.tag in {"figure", "svg"} else _code(element)
        if isinstance(taken, Shown):
            yield taken
        elif taken:
            yield refusal(element, taken)


def figure_bytes(html: str) -> str:
    """What a figure is compared by, from its own HTML: the element that a browser makes of it."""
    root = etree.fromstring(html, etree.HTMLParser())
    return _written(next(root.iter("figure")))


def _figure(element: Element) -> Shown | str | None:
    """A timeline, or why a drawing is none; None for what is only an icon."""
    drawn = [n for n in (element, *element.iterancestors("figure")) if FIGURE in classes(n)]
    if element.tag == "figure":
        return Shown(_written(element), line_of(element)) if drawn else None
    tells = element.get("role") == "img" or any(True for _ in element.iter("text"))
    return "a drawing that no run has made: write a timeline." if tells and not drawn else None


def _written(element: Element) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def refusal(element: Element, message: str, text: str | None = None) -> Refusal:
    return Refusal(line_of(element), text_of(element) if text is None else text, message)


def line_of(element: Element) -> int:
    return cast("int | None", element.sourceline) or 0


def text_of(element: Element) -> str:
    """As the browser's `textContent`: without comments."""
    return str(element.xpath("string()"))


def found(root: Element, path: str) -> list[Element]:
    """The elements that an XPath leads to."""
    return cast("list[Element]", root.xpath(path))


def classes(element: Element) -> list[str]:
    return (element.get("class") or "").split()


def _code(pre: Element) -> Shown | str | None:
    """The code in it, or why it is refused; None for the numbers beside a block."""
    if pre.tag != "pre":
        return f"a <{pre.tag}> is no code block: write a fenced block with a role."
    if any("language-timeline" in classes(node) for node in (pre, *pre.iterancestors())):
        return "a timeline without its figure: no run of this build has drawn it."
    if "mermaid" in classes(pre):
        return "a mermaid fence has no role: show a figure made from the code that it depicts."
    around = list(pre.iterancestors())
    if any(node.tag == "td" and "linenos" in classes(node) for node in around):
        numbers = "".join(text_of(pre).split())
        return None if numbers.isdecimal() else "line numbers that are no numbers."
    codes = [child for child in pre if child.tag == "code"]
    if len(codes) != 1:
        return f"a <pre> with {len(codes)} <code> in it: write a fenced block with a role."
    if not any("highlight" in classes(node) for node in (pre, *around)):
        return "a raw <pre> in the page: write a fenced block with a role."
    text = text_of(codes[0])
    if text_of(pre).strip() != text.strip():
        return "a <pre> with text beside its <code>: write a fenced block with a role."
    return Shown(text, line_of(pre))
