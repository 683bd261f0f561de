"""The matrix shows what was kept of its runs, a page for each row, and nothing by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples.what_happens import page
from examples.what_happens.bench import RECORD, Bench
from examples.what_happens.columns import COLUMNS
from examples.what_happens.row import HERE, Row, all_rows

from proofread.experiments import read_record

DOCS = Path(__file__).parents[2] / "docs" / "what-happens-when"
ROWS = all_rows()
each_row = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


def test_the_pages_include_what_was_kept() -> None:
    shown = page.pages(ROWS)
    assert {file.name for file in RECORD.glob("*.md")} == shown.keys()
    for name, text in shown.items():
        assert (RECORD / name).read_text() == text, f"{name}: nox -s what-happens -- --keep"


def test_every_row_has_its_page_and_every_page_its_row() -> None:
    pages = {file.name for file in DOCS.glob("*.md")} - {"index.md"}
    assert pages == {row.page for row in ROWS}
    assert len({row.number for row in ROWS}) == len(ROWS) > 0


@each_row
def test_its_page_is_about_it(row: Row) -> None:
    text = (DOCS / row.page).read_text()
    assert text.startswith(f"---\nexperiment: {row.name}\n---\n\n# {row.question}\n")
    assert f'--8<-- "{row.name}.md:scenario"' in text
    assert f'--8<-- "{row.name}.md:tabs"' in text


@each_row
def test_it_is_run_in_every_column_or_says_why_not(row: Row) -> None:
    trials = read_record(RECORD / f"{row.name}.json")
    columns = {column.name for column in COLUMNS}
    assert trials.keys() == columns - row.not_applicable.keys()
    assert row.not_applicable.keys() <= columns
    assert all(why.endswith(".") for why in row.not_applicable.values())


@each_row
def test_its_cells_are_short_and_neutral(row: Row) -> None:
    for trial in read_record(RECORD / f"{row.name}.json").values():
        assert 0 < len(trial.value) <= 40
        assert trial.value[0].islower() or trial.value[0].isdigit(), trial.value
        assert not trial.value.endswith(".")
        assert trial.seen


@each_row
def test_its_theme_has_all_that_it_uses(row: Row) -> None:
    assert row.theme in page.THEMES
    for column in COLUMNS:
        if column.name not in row.not_applicable:
            app = (HERE / row.app(column)).read_text()
            assert all(f"[start:{section}]" in app for section in row.uses), column.name


def test_the_record_names_what_decides_today() -> None:
    for cell in Bench().cells:
        assert cell.kept is not None
        assert cell.kept.sources == cell.row.sources(cell.column), cell.name
        assert cell.kept.versions.keys() >= {*cell.row.packages(cell.column)}, cell.name
