"""What a directive has put on a built page, as Markdown: headings, text, lists and code."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

BLOCKS = frozenset({"details", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre",
                    "summary", "ul"})  # fmt: skip
FOR_SCREENS = frozenset({"headerlink", "doc-labels", "filename", "proof-mark"})
AROUND = {"b": "**", "strong": "**", "em": "*", "i": "*", "code": "`"}


def markdown_of(element: HtmlElement) -> str:
    """Block after block, with an empty line between them."""
    return "\n\n".join(_blocks(element))


def _blocks(element: HtmlElement) -> Iterator[str]:
    if element.tag == "pre":
        yield _fence(element)
    elif re.fullmatch("h[1-6]", element.tag):
        yield f"{'#' * int(element.tag[1])} {_line(element)}"
    elif element.tag in {"ul", "ol"}:
        yield "\n".join(f"- {_indented(item)}" for item in element.iterchildren("li"))
    else:
        yield from _flow(element)


def _flow(element: HtmlElement) -> Iterator[str]:
    """Text may stand beside blocks, as in the entry of a list."""
    text = element.text or ""
    for child in element:
        if child.tag in BLOCKS:
            if text.strip():
                yield _collapsed(text)
            text = ""
            yield from [] if _for_screens(child) else _blocks(child)
        else:
            text += _inline(child)
        text += child.tail or ""
    if text.strip():
        yield _collapsed(text)


def _indented(item: HtmlElement) -> str:
    head, *rest = [*_flow(item), ""]
    if rest and not rest[0].startswith(("```", "- ", "#")):
        head = f"{head} {rest.pop(0)}".rstrip()
    return textwrap.indent("\n\n".join([head, *filter(None, rest)]), "  ").lstrip()


def _fence(pre: HtmlElement) -> str:
    wrapper = next(pre.iterancestors("div"))
    language = re.search(r"language-(\S+)", wrapper.get("class") or "")
    title = "".join(f' title="{name.text_content()}"' for name in wrapper.find_class("filename"))
    return f"```{language[1] if language else 'text'}{title}\n{pre.text_content().rstrip()}\n```"


def _line(element: HtmlElement) -> str:
    inside = "".join(_inline(child) + (child.tail or "") for child in element)
    return _collapsed((element.text or "") + inside)


def _inline(element: HtmlElement) -> str:
    if not isinstance(element.tag, str) or _for_screens(element):
        return ""
    if element.tag == "code":
        text = element.text_content()
    else:
        text = (element.text or "") + "".join(_inline(c) + (c.tail or "") for c in element)
    around = AROUND.get(element.tag, "") if text.strip() else ""
    return f"{around}{text}{around}"


def _for_screens(element: HtmlElement) -> bool:
    return not FOR_SCREENS.isdisjoint((element.get("class") or "").split())


def _collapsed(text: str) -> str:
    return " ".join(text.split())
