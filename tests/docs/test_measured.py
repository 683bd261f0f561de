"""The page on speed shows what was measured, and nothing that was written by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.benchmarks import page

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "how-fast-is-it.md"
PROMISED = {f"S{number}" for number in range(1, 21)}


def test_what_it_shows_is_what_was_kept() -> None:
    assert page.SHOWN.read_text() == page.shown(page.kept())
    assert json.loads(page.NAMED.read_text()) == page.named(page.kept())


def test_every_row_that_was_promised_is_there() -> None:
    rows = {row["key"] for row in page.kept()["rows"]}
    assert rows >= PROMISED
    assert not page.kept()["quick"]


def test_it_shows_all_that_was_kept() -> None:
    named = set(re.findall(r"\[start:([\w-]+)\]", page.SHOWN.read_text()))
    included = re.findall(r'"measured\.md:([\w-]+)"', PAGE.read_text())
    assert set(included) == named
    assert len(included) == len(named)


def test_it_says_no_figure_of_its_own() -> None:
    prose = re.sub(r"S\d+t?\b|--8<--.*", "", PAGE.read_text())
    assert re.findall(r"\d+(?:\.\d+)? ?(?:%|ms|µs|times|x)", prose) == []
