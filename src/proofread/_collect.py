"""Every code block of a page, found by rendering it with the site's own configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import lxml.html
from lxml.html import HtmlElement
from mkdocs.utils import meta
from pymdownx.snippets import SnippetMissingError

from proofread._bare import bare
from proofread._facts import facts_of
from proofread._marked import MARK, Fence, MarkdownFactory, MarkedFences, included_files
from proofread._model import Block, Page, Problem, TabPath
from proofread._source import Source

Reference = Callable[[str], Sequence[Block]]
"""From the text of a `:::` directive to the blocks that it renders."""

EMPHASIS = {"strong": "__", "em": "_"}
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
FENCE = re.compile(r"^[\s>]*(`{3,}|~{3,})", re.MULTILINE)
INCLUDE = re.compile(r"(?<!;)-+8<-+")
BY_LINE = re.compile(r":[-:,\d]+$")
KNOWN_CLASSES = frozenset({"annotate", "copy", "no-copy", "select", "no-select"})


def collect_page(
    path: Path, *, name: str, markdown: MarkdownFactory, reference: Reference | None = None
) -> Page:
    """One page, with the blocks of the docstrings it shows where they will stand."""
    text = path.read_text(encoding="utf-8-sig")
    body, front = meta.get_data(text)
    experiment = front.get("experiment")
    lead = text.count("\n") - body.count("\n")
    blocks, problems = collect_markdown(
        body, path=path, first_line=lead + 1, markdown=markdown, reference=reference
    )
    if experiment is not None:
        blocks = [replace(block, experiment=str(experiment)) for block in blocks]
    return Page(path, name, tuple(blocks), tuple(problems), body, experiment and str(experiment))


def collect_markdown(
    text: str,
    *,
    path: Path,
    first_line: int,
    markdown: MarkdownFactory,
    reference: Reference | None = None,
) -> tuple[list[Block], list[Problem]]:
    """The blocks of one Markdown text, in reading order, and what is wrong with their form."""
    source = Source(path, text.split("\n"), first_line)
    for number, include in source.includes():
        if BY_LINE.search(include):
            source.refuse(number, "An include by line number goes stale: include a named section.")
    renderer = markdown()
    try:
        html = renderer.convert(text)
    except SnippetMissingError as error:
        source.refuse(source.missing(str(error)), f"Missing include: {error}")
        return [], source.problems
    fences = cast("MarkedFences", renderer.preprocessors["fenced_code_block"])
    source.align(fences.expanded, fences.included, fences.fences)
    blocks = list(_walk(html, fences.fences, source, reference))
    facts = facts_of(renderer)
    written = {n for n, file in enumerate(included_files(renderer)) if facts.wrote(file)}
    hidden = [line for fence in fences.fences for line in range(fence.start, fence.end)]
    hidden += [line for line, include in enumerate(fences.included) if include in written]
    for line, message in bare(fences.expanded, hidden, path=path, blocks=blocks, facts=facts):
        source.refuse(source.origin[line], message)
    return blocks, source.problems


def _walk(
    html: str, fences: list[Fence], source: Source, reference: Reference | None
) -> Iterator[Block]:
    section = 0
    for element in lxml.html.fragment_fromstring(html, create_parent="div").iter():
        if not isinstance(element.tag, str):
            _refuse_hidden(element.text or "", fences, source)
        elif element.tag in HEADINGS:
            section += 1
        elif element.tag == "pre":
            yield from _block(element, section, fences, source)
        elif element.tag == "p" and (element.text or "").startswith("::: ") and reference:
            for block in reference(_directive(element)):
                if block.language == "python":  # each example of a docstring stands alone
                    section += 1
                told = block.language != "signature"  # that one is part of no story
                yield replace(block, section=section) if told else block
        else:
            _refuse_literal(element, source)


def _directive(element: HtmlElement) -> str:
    """What a `:::` says, in whose names underscores may have become emphasis."""
    pieces = [element.text or ""]
    for child in element:
        mark = EMPHASIS.get(child.tag, "")
        pieces += [mark, _directive(child), mark, child.tail or ""]
    return "".join(pieces)


def _refuse_hidden(comment: str, fences: list[Fence], source: Source) -> None:
    """A block that the page holds and nobody sees."""
    marks = re.findall(rf'{MARK}="(\d+)"', comment)
    lines = [source.place(fences[int(mark)])[0] for mark in marks]
    if not lines and ("<pre" in comment or FENCE.search(comment)):
        lines = [source.find(comment)]
    for line in lines:
        source.refuse(line, "A code block in an HTML comment is never seen: delete it.")


def _refuse_literal(element: HtmlElement, source: Source) -> None:
    """A fence that rendered as prose: unclosed, or with an info string the site does not accept."""
    if element.tag in {"script", "style", "div"} or any(True for _ in element.iterancestors("pre")):
        return
    if element.tag == "code":
        info, newline, _ = element.text_content().partition("\n")
        line = source.find_opening(info.strip()) if newline else None
        if line is not None:
            source.refuse(
                line,
                f"This fence renders as inline code, not as a block: {info!r}. "
                'Write the language, and every option quoted: ```python title="main.py"',
            )
        return
    own = "\n".join([element.text or "", *((child.tail or "") for child in element)])
    for found in FENCE.finditer(own):
        opening = own[found.start(1) :].partition("\n")[0]
        line = source.find_opening(opening.lstrip("`~").strip())
        source.refuse(line or 0, f"This fence is never closed: {opening!r}.")


def _block(pre: HtmlElement, section: int, fences: list[Fence], source: Source) -> Iterator[Block]:
    if any("linenos" in (cell.get("class") or "") for cell in pre.iterancestors("td")):
        return
    code = pre.find("code")
    if code is None:
        text = pre.text_content()
        source.refuse(source.find(text), "A <pre> without a <code>: write a fenced block instead.")
        return
    text = code.text_content()
    mark = next((node.get(MARK) for node in pre.iterancestors("div") if node.get(MARK)), None)
    if mark is None:
        number = source.find(text)
        yield Block(source.path, number + source.first_line, number + source.first_line, "", None,
                    text, _tabs(pre), section)  # fmt: skip
        return
    fence = fences[int(mark)]
    start, end = source.place(fence)
    _refuse_form(fence, start, end, text, source)
    yield Block(
        path=source.path,
        line=start + source.first_line,
        end_line=end + source.first_line,
        language=fence.language,
        title=fence.title,
        text=text,
        tabs=_tabs(pre),
        section=section,
        included=any(INCLUDE.search(line) for line in source.lines[start : end + 1]),
        blank=source.blank(fence),
    )


def _refuse_form(fence: Fence, start: int, end: int, text: str, source: Source) -> None:
    if not text.strip():
        source.refuse(start, "An empty block. Write what it should show, or delete it.")
    for name in (*fence.attributes, *(set(fence.classes) - KNOWN_CLASSES)):
        source.refuse(
            start, f"{name!r} means nothing here, and no block can be skipped: delete it."
        )
    for number in range(start + 1, end):
        if "\t" in source.lines[number].lstrip().lstrip("> "):
            source.refuse(number, "A tab inside code is shown as spaces: write spaces.")


def _tabs(pre: HtmlElement) -> TabPath:
    path: list[tuple[tuple[str, ...], str]] = []
    panel: HtmlElement | None = None
    for node in pre.iterancestors():
        classes = (node.get("class") or "").split()
        if "tabbed-block" in classes or ("tabbed-content" in classes and panel is None):
            panel = node
        elif "tabbed-set" in classes and panel is not None:
            labels = tuple(_labels(node))
            siblings = [p for p in panel.getparent() if p.tag == "div"
                        and p.get("class") == panel.get("class")]  # fmt: skip
            path.append((labels, labels[siblings.index(panel)]))
            panel = None
    return tuple(reversed(path))


def _labels(tabbed: HtmlElement) -> Iterator[str]:
    for node in tabbed:
        if node.tag == "label":
            yield node.text_content().strip()
        elif "tabbed-labels" in (node.get("class") or "").split():
            yield from (label.text_content().strip() for label in node.iter("label"))
