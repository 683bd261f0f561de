"""Blocks are found wherever the site renders them, and nothing is found where it does not."""

from __future__ import annotations

from pathlib import Path

from proofread._collect import collect_markdown
from proofread._marked import MarkdownFactory, markdown_factory
from proofread._model import Block

PAGE = Path("page.md")


def test_a_missing_include_is_an_error_even_where_the_site_forgives_it() -> None:
    forgiving = markdown_factory(
        ["pymdownx.highlight", "pymdownx.superfences", "pymdownx.snippets"],
        {"pymdownx.snippets": {"check_paths": False}},
    )
    text = '```python\n--8<-- "absent.py"\n```\n'
    blocks, [problem] = collect_markdown(text, path=PAGE, first_line=1, markdown=forgiving)
    assert blocks == []
    assert (problem.line, "'absent.py' could not be found" in problem.message) == (2, True)


def test_inline_code_over_two_lines_of_prose_is_no_fence(markdown: MarkdownFactory) -> None:
    text = "Write `python\ntitle` here.\n"
    assert collect_markdown(text, path=PAGE, first_line=1, markdown=markdown) == ([], [])


def test_rendered_text_is_kept_byte_for_byte(markdown: MarkdownFactory) -> None:
    text = "```python\nif x < 1 & 2:\n    '<b>&amp;</b>'  # ü \\n\n```\n"
    [block], _ = collect_markdown(text, path=PAGE, first_line=1, markdown=markdown)
    assert block.text == text.removeprefix("```python\n").removesuffix("```\n")


def test_a_directive_is_read_as_it_was_written(markdown: MarkdownFactory) -> None:
    text = "::: a.b\n    options:\n      members: [__aenter__, run, __aexit__, _own_]"
    asked: list[str] = []

    def reference(directive: str) -> list[Block]:
        asked.append(directive)
        return []

    collect_markdown(text, path=PAGE, first_line=1, markdown=markdown, reference=reference)
    assert asked == [text]
