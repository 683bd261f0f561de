"""A word of the glossary tells its meaning where a page first says it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pytest
from markdown import Markdown

from proofread._glossary import GlossaryError, meanings

GLOSSARY = """\
# Glossary

lease
:   How long a [worker](w.md) has
    `a task` to itself.

ASGI
:   An interface.

event loop
:   What runs all.

## Where next
"""


@pytest.fixture
def markdown(tmp_path: Path) -> Markdown:
    page = tmp_path / "words.md"
    page.write_text(GLOSSARY, encoding="utf-8")
    return Markdown(
        extensions=["def_list", "tables", "pymdownx.tabbed", "proofread._glossary"],
        extension_configs={
            "proofread._glossary": {"page": str(page)},
            "pymdownx.tabbed": {"alternate_style": True},
        },
    )


def told(markdown: Markdown, text: str) -> list[tuple[str, str]]:
    tree = lxml.html.fragment_fromstring(markdown.convert(text), create_parent="div")
    return [(mark.text_content(), mark.attrib["title"]) for mark in tree.iter("abbr")]


LEASE = ("lease", "How long a worker has a task to itself.")


@pytest.mark.parametrize(
    "text", ["A lease.", "- A lease\n", "**A lease**", "a | b\n- | -\nA lease | c\n", "*x* lease"]
)
def test_a_word_tells_what_it_means(markdown: Markdown, text: str) -> None:
    assert told(markdown, text) == [LEASE]


def test_only_the_first_of_a_page_tells_it_and_the_text_stays_as_it_is(markdown: Markdown) -> None:
    text = "Asgi, a lease, *no ASGI*, leases `x` and event loops.\n\nA lease.\n"
    assert told(markdown, text) == [
        ("Asgi", "An interface."),
        LEASE,
        ("event loops", "What runs all."),
    ]
    markdown.reset()
    plain = lxml.html.fragment_fromstring(markdown.convert(text), create_parent="div")
    said = "Asgi, a lease, no ASGI, leases x and event loops. A lease."
    assert " ".join(plain.text_content().split()) == said


def test_each_tab_tells_it_and_none_for_who_reads_on_in_another(markdown: Markdown) -> None:
    tabs = '=== "A"\n\n    A lease. A lease.\n\n=== "B"\n\n    A lease.\n\nThe lease.\n'
    assert told(markdown, tabs) == [LEASE] * 3
    markdown.reset()
    assert told(markdown, f"A lease.\n\n{tabs}") == [LEASE]


@pytest.mark.parametrize(
    "text",
    ["# A lease\n", "`lease`", "[lease](a.md)", "release, leased, lease-time", "x\n:   A lease.\n"],
)
def test_titles_code_links_and_other_words_tell_nothing(markdown: Markdown, text: str) -> None:
    assert told(markdown, text) == []


def test_a_changed_glossary_is_read_again(markdown: Markdown, tmp_path: Path) -> None:
    page = tmp_path / "words.md"
    page.write_text("spam\n:   Eggs.\n", encoding="utf-8")
    again = Markdown(
        extensions=["proofread._glossary"],
        extension_configs={"proofread._glossary": {"page": str(page)}},
    )
    assert told(again, "A lease of spam.") == [("spam", "Eggs.")]


@pytest.mark.parametrize(
    ("text", "said"),
    [("# Glossary\n", "defines nothing"), (GLOSSARY + "\nLease\n:   Again.\n", "'Lease' twice")],
)
def test_a_glossary_that_cannot_be_one_is_refused(text: str, said: str) -> None:
    with pytest.raises(GlossaryError, match=said):
        meanings(text)


def test_a_missing_glossary_is_named() -> None:
    with pytest.raises(GlossaryError, match=r"no glossary docs/words\.md"):
        Markdown(
            extensions=["proofread._glossary"],
            extension_configs={"proofread._glossary": {"page": "docs/words.md"}},
        )
