"""What looks like code to the reader of a built page, and is no code block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from proofread._shown import classes, found, refusal, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

    from proofread._shown import Refusal

CODE = ("code", "samp", "kbd", "tt", "var")
FRAMES = ("iframe", "frame", "object", "embed")
NOT_PROSE = frozenset({"pre", "code", "script", "style", "textarea", "template", "svg", "math"})
INLINE = frozenset({"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s",
                    "small", "span", "strong", "sub", "sup", "u"})  # fmt: skip
FENCES = ("```", "~~~")
SWALLOWED = re.compile(
    r"""(?:python3?|py|pycon|console|bash|sh|http|json|toml|yaml|ini|text)
        (?:,\w+\s | \s+(?:title|hl_lines|linenums)=[^\s"'])""",
    re.VERBOSE,
)
AS_CODE = re.compile(
    r"""white-space(?:-collapse)?\s*:\s*(?:pre|break)
        | font(?:-family)?\s*:[^;}]*(?:mono|courier|consolas|menlo|code)""",
    re.VERBOSE | re.IGNORECASE,
)
INSTEAD = "write a fenced block with a role."


def disguised(root: Element) -> Iterator[Refusal]:
    """Everything of the kind, with what to write instead."""
    yield from _comments(root)
    yield from _inline_code(root)
    yield from _styled(root)
    yield from _copied(root)
    yield from _fences(root)
    for frame in root.iter(*FRAMES):
        yield refusal(frame, f"nothing vouches for what a <{frame.tag}> shows: {INSTEAD}")


def _comments(root: Element) -> Iterator[Refusal]:
    for comment in root.iter(etree.Comment):
        text = comment.text or ""
        if "<pre" in text or any(_opens_fence(line) for line in text.splitlines()):
            said = "code in an HTML comment, where nobody sees it: delete it."
            yield refusal(comment, said, text)


def _inline_code(root: Element) -> Iterator[Refusal]:
    """Inline code that is more than a word in a line of prose."""
    for code in root.iter(*CODE):
        text = text_of(code)
        if _within(code, ("pre",)):
            continue
        if "\n" in text.strip() or SWALLOWED.match(text):
            yield refusal(
                code,
                'a fence that became inline code. Quote its options, as in title="main.py"; '
                "and keep real inline code on one line.",
            )
        elif any(True for _ in code.iter("br", "div", "p", "li", "tr")):
            yield refusal(code, f"inline code of several lines: {INSTEAD}")
        elif _goes_on(code):
            yield refusal(code, f"inline code, line below line: {INSTEAD}")


def _goes_on(code: Element) -> bool:
    """Whether the next line is nothing but inline code, too."""
    end = code.getnext()
    after = end.getnext() if end is not None and end.tag == "br" else None
    if end is None or after is None or after.tag not in CODE:
        return False
    begins, around = code.getprevious(), code.getparent()
    before = begins.tail if begins is not None else around.text if around is not None else None
    alone = begins is None or begins.tag == "br"
    return alone and not "".join((before or "", code.tail or "", end.tail or "")).strip()


def _styled(root: Element) -> Iterator[Refusal]:
    for element in found(root, "//*[@style or @face]"):
        style = f"{element.get('style') or ''}; font: {element.get('face') or ''}"
        if AS_CODE.search(style) and not _within(element, ("pre", "svg")):
            yield refusal(element, f"a <{element.tag}> that is styled as code: {INSTEAD}")
    for sheet in found(root, "//body//style"):
        if AS_CODE.search(text_of(sheet)) and not _within(sheet, ("svg",)):
            yield refusal(sheet, f"a <style> that makes prose look like code: {INSTEAD}")
    for element in found(root, "//*[contains(@class, 'highlight') or contains(@class, 'codehi')]"):
        coloured = {"highlight", "codehilite"} & set(classes(element))
        holds_block = element.tag in CODE or any(True for _ in element.iter("pre"))
        if coloured and text_of(element).strip() and not holds_block:
            yield refusal(element, f"a <{element.tag}> in the colours of code: {INSTEAD}")


def _copied(root: Element) -> Iterator[Refusal]:
    """What a button puts into the clipboard must be what stands beside it."""
    for button in found(root, "//*[@data-clipboard-text or @data-clipboard-target]"):
        near = next((blocks for node in button.iterancestors() if (blocks := _blocks(node))), [])
        text = button.get("data-clipboard-text")
        if text is None or text.rstrip("\n") not in [block.rstrip("\n") for block in near]:
            said = "a button that copies other text than the block beside it: delete it."
            yield refusal(button, said, text)


def _blocks(around: Element) -> list[str]:
    return [text_of(code) for code in found(around, ".//pre/code")]


def _fences(root: Element) -> Iterator[Refusal]:
    """Blocks that never became blocks."""
    text = text_of(root)
    if any(fence in text for fence in FENCES):
        for element, line in _lines(root):
            if _opens_fence(line):
                said = "a fence shown as prose: close it, or indent it as its text."
                yield refusal(element, said, line)


def _opens_fence(line: str) -> bool:
    return line.lstrip().startswith(FENCES)


def _within(element: Element, tags: Collection[str]) -> bool:
    return any(node.tag in tags for node in (element, *element.iterancestors()))


def _lines(root: Element) -> Iterator[tuple[Element, str]]:
    """Each line of prose with its element; text behind an inline element begins no line."""
    for element in root.iter("*"):
        if not _within(element, NOT_PROSE):
            yield from ((element, line) for line in (element.text or "").split("\n"))
        parent = element.getparent()
        if parent is not None and not _within(parent, NOT_PROSE):
            lines = (element.tail or "").split("\n")
            yield from ((parent, line) for line in lines[element.tag in INLINE :])
