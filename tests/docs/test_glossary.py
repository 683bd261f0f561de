"""The glossary explains words that the pages say, and each reader can find one in it."""

from __future__ import annotations

import re
from pathlib import Path

from proofread._glossary import meanings, words

DOCS = Path(__file__).parents[2] / "docs"
GLOSSARY = DOCS / "glossary.md"
NOT_TOLD = re.compile(r"^ *(`{3,}).*?^ *\1|`[^`\n]*`|^#[^\n]*|\[[^\]]*\]", re.MULTILINE | re.DOTALL)


def test_every_word_of_the_glossary_is_said_on_another_page() -> None:
    known = meanings(GLOSSARY.read_text(encoding="utf-8"))
    pages = [page for page in DOCS.rglob("*.md") if page != GLOSSARY]
    text = "\n".join(NOT_TOLD.sub("", page.read_text(encoding="utf-8")) for page in pages)
    said = {found[1].lower() for found in words(known).finditer(text)}
    assert sorted(known.keys() - said) == []


def test_the_words_stand_in_order() -> None:
    known = list(meanings(GLOSSARY.read_text(encoding="utf-8")))
    assert known == sorted(known)
