"""A story is recalled only while nothing that it stands on has changed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from proofread._ledger import Ledger
from proofread._model import Block, Page, Result
from proofread._story import Story
from proofread._world import world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "src" / "shop.py"
    file.parent.mkdir()
    file.write_text("PRICE = 1\n", encoding="utf-8")
    return file


@pytest.fixture
def story(tmp_path: Path) -> Story:
    page = tmp_path / "page.md"
    given = Block(page, 1, 3, "python", "main.py", "X = 1\n", section=1)
    shown = Block(page, 5, 7, "python", None, "import main\n", section=2)
    return Story(Page(page, "page.md", (given, shown)), "", (shown,), (given,))


def ledger(source: Path) -> Ledger:
    sources = [source.parent]
    return Ledger(source.parents[1] / "proofs", sources=sources, seen=world(sources))


def prove(book: Ledger, story: Story, *problems: str) -> None:
    results = [Result(block, "python", problems=list(problems)) for block in story.blocks]
    book.remember(story, results)


def test_an_unchanged_story_is_recalled(source: Path, story: Story) -> None:
    book = ledger(source)
    prove(book, story)
    book.keep()
    assert ledger(source).recall(story) is not None


def test_a_story_that_failed_is_not(source: Path, story: Story) -> None:
    book = ledger(source)
    prove(book, story, "wrong")
    book.keep()
    assert ledger(source).recall(story) is None


def test_a_file_given_by_an_earlier_section_counts(source: Path, story: Story) -> None:
    book = ledger(source)
    prove(book, story)
    book.keep()
    (given,) = story.given
    changed = dataclasses.replace(story, given=(dataclasses.replace(given, text="X = 2\n"),))
    assert ledger(source).recall(changed) is None


def test_the_code_under_the_story_counts(source: Path, story: Story) -> None:
    book = ledger(source)
    prove(book, story)
    book.keep()
    source.write_text("PRICE = 2\n", encoding="utf-8")
    assert ledger(source).recall(story) is None


def test_what_was_proven_while_the_code_changed_is_not_kept(source: Path, story: Story) -> None:
    book = ledger(source)
    source.write_text("PRICE = 2\n", encoding="utf-8")
    prove(book, story)
    book.keep()
    source.write_text("PRICE = 1\n", encoding="utf-8")
    assert ledger(source).recall(story) is None


def test_a_module_on_the_path_counts(
    source: Path, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    module = beside / "stock.py"
    module.write_text("ITEMS = 1\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(beside))
    book = ledger(source)
    prove(book, story)
    book.keep()
    module.write_text("ITEMS = 2\n", encoding="utf-8")
    assert ledger(source).recall(story) is None


def test_what_is_installed_counts(
    source: Path, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    installed = tmp_path / "packages" / "stock-1.0.dist-info"
    installed.mkdir(parents=True)
    book = ledger(source)
    prove(book, story)
    book.keep()
    installed.rename(installed.with_name("stock-1.1.dist-info"))
    assert ledger(source).recall(story) is None
