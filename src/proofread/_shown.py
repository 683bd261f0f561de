"""The code blocks of a built page, as the browser gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from proofread._model import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

PREFORMATTED = ("pre", "xmp", "listing", "plaintext", "textarea")


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
    """All preformatted text, in reading order."""
    for element in root.iter(*PREFORMATTED):
        taken = _code(element)
        if isinstance(taken, Shown):
            yield taken
        elif taken:
            yield refusal(element, taken)


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
