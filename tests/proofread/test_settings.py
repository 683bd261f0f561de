"""What a project says of its proof, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofread._settings import ConfigError, Settings, read_settings

TABLE = """\
[tool.proofread]
preload = ["json"]

[tool.proofread.preload_for]
shop = ["sqlite3", "csv"]
mail = ["smtplib"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "pyproject.toml").write_text(TABLE, encoding="utf-8")
    return read_settings(tmp_path)


ALWAYS = ("pytest_examples", "json")


@pytest.mark.parametrize(
    ("texts", "more"),
    [
        (["The Shop, once more."], ("sqlite3", "csv")),
        (["Nothing of it.", "mail"], ("smtplib",)),
        (["workshops by email"], ()),
        ([], ("sqlite3", "csv", "smtplib")),
    ],
    ids=["a word of the page", "of one of two pages", "no word of it", "the whole site"],
)
def test_the_warm_parent_imports_what_the_pages_speak_of(
    texts: list[str], more: tuple[str, ...], settings: Settings, tmp_path: Path
) -> None:
    pages = [tmp_path / f"{number}.md" for number in range(len(texts))]
    for page, text in zip(pages, texts, strict=True):
        page.write_text(text, encoding="utf-8")
    assert settings.preload_of(pages) == (*ALWAYS, *more)


def test_for_a_directory_it_imports_everything(settings: Settings, tmp_path: Path) -> None:
    assert settings.preload_of([tmp_path]) == (*ALWAYS, "sqlite3", "csv", "smtplib")


@pytest.mark.parametrize("value", ['"json"', "3", "[]"])
def test_a_setting_of_another_type_is_refused(value: str, tmp_path: Path) -> None:
    text = f"[tool.proofread]\npreload_for = {value}\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"preload_for = .*: write a value like \{\}"):
        read_settings(tmp_path)


@pytest.mark.parametrize("line", ['shop = "csv"', 'Shop = ["csv"]', '"my-shop" = ["csv"]'])
def test_what_no_page_could_ask_for_is_refused(line: str, tmp_path: Path) -> None:
    text = f"[tool.proofread.preload_for]\n{line}\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="write a word in small letters and a list of modules"):
        read_settings(tmp_path)
