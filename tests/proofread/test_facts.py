"""What a reference in prose comes to: what the code, the lock or a run says, or a clear no."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from markdown import Markdown

from proofread._facts import FACTS, Facts, FactsExtension, Unknown
from proofread._marked import markdown_factory
from proofread._settings import ConfigError

SHOP = """
from datetime import timedelta
from typing import TYPE_CHECKING

from ._limits import LIMIT as MOST

if TYPE_CHECKING:
    from tiny_shop.stores import Store as Store

WEEK = 7 * 86_400.0
PATIENCE = timedelta(minutes=1, seconds=30)
SHARE = 0.04
TOLD = print(WEEK)


class Late:
    grace: float = 2.5

    def wait(self, *, until: float, at_most: float = WEEK, often: int = 3) -> None: ...


class Later(Late):
    pass


def open_shop(name: str, timeout: float = PATIENCE, most: int = MOST) -> None: ...
"""


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Facts:
    package = tmp_path / "tiny_shop"
    package.mkdir()
    (package / "__init__.py").write_text(SHOP, encoding="utf-8")
    (package / "_limits.py").write_text("LIMIT = 2 ** 4\n", encoding="utf-8")
    store = "class Store:\n    def __init__(self, lease: float = 30.0) -> None: ...\n"
    (package / "stores.py").write_text(store, encoding="utf-8")
    (tmp_path / "kept.json").write_text(json.dumps({"S3": "1.2 (1.1 to 1.3)"}), encoding="utf-8")
    lock = f"pytest=={version('pytest')} ; python_version > '3'\nruff==0.0.1\nnowhere==1.0\n"
    (tmp_path / "lock.txt").write_text(lock, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return Facts(lock="lock.txt", files={"measured": "kept.json"}, written=["runs"])


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("tiny_shop.WEEK in days", "7 days"),
        ("tiny_shop.WEEK", "604800"),
        ("tiny_shop.PATIENCE in minutes", "1.5 minutes"),
        ("tiny_shop.SHARE in percent", "4 %"),
        ("tiny_shop.MOST", "16"),
        ("tiny_shop.Store.lease in seconds", "30 seconds"),
        ("tiny_shop.Late.grace in seconds", "2.5 seconds"),
        ("tiny_shop.Late.wait.at_most in weeks", "1 week"),
        ("tiny_shop.Later.wait.often in times", "3 times"),
        ("tiny_shop.open_shop.timeout in seconds", "90 seconds"),
        ("tiny_shop.open_shop.most", "16"),
        ("measured.S3", "1.2 (1.1 to 1.3)"),
        ("version.pytest", version("pytest")),
        ("version.python", ".".join(map(str, sys.version_info[:2]))),
    ],
)
def test_a_reference_says_what_somebody_else_says(facts: Facts, asked: str, text: str) -> None:
    assert facts.fill(asked) == text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("tiny_shop.MONTH", "tiny_shop has no 'MONTH'"),
        ("tiny_shop.Late.wait.until", "wait of tiny_shop has no default for 'until'"),
        ("tiny_shop.Late.wait", "wait is neither a constant nor a parameter with a default"),
        ("tiny_shop.TOLD", "only a run would tell what `print(WEEK)` is"),
        ("tiny_market.WEEK", "no installed module is called 'tiny_market'"),
        ("tiny_shop.WEEK in months", "write one of milliseconds, seconds"),
        ("PATIENCE", "is no reference"),
        ("measured.S4", "kept.json holds no 'S4'"),
        ("version.lost", "no 'lost' in lock.txt"),
        ("version.ruff", f"the lock has ruff 0.0.1, and {version('ruff')} is installed"),
        ("version.nowhere", "nowhere"),
        ("a + b", "is no reference"),
    ],
)
def test_a_reference_to_nothing_says_why(facts: Facts, asked: str, said: str) -> None:
    [(line, message)] = facts.problems(f"First.\n\nThen {{{{ {asked} }}}}.")
    assert line == 2
    assert said in message


def test_a_lock_that_is_not_there_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = "`lock: pins.txt`, and there is no such file: write the path of a file with lines like"
    with pytest.raises(ConfigError, match=said):
        Facts(lock="pins.txt").fill("version.pytest")
    with pytest.raises(ConfigError, match=said):
        markdown_factory([FACTS], {FACTS: {"lock": "pins.txt"}})
    assert Facts().packages == {}


def test_a_file_that_no_run_has_made_yet_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unknown, match=r"kept\.json holds no 'S3'"):
        Facts(files={"measured": "kept.json"}).fill("measured.S3")


def test_the_code_is_read_and_never_run(facts: Facts) -> None:
    assert facts.fill("tiny_shop.SHARE") == "0.04"
    assert "tiny_shop" not in sys.modules


def test_what_runs_have_written_is_known_by_its_place(facts: Facts, tmp_path: Path) -> None:
    assert facts.wrote(str(tmp_path / "runs" / "table.md"))
    assert not facts.wrote(str(tmp_path / "runs.md"))


def test_prose_is_filled_in_and_code_is_not(facts: Facts) -> None:
    extension = FactsExtension()
    extension.facts = facts
    render = Markdown(extensions=[extension, "tables", "pymdownx.superfences"]).convert
    asked = "{{ tiny_shop.Store.lease in seconds }}"
    assert render(f"It is *{asked}*.") == "<p>It is <em>30 seconds</em>.</p>"
    assert f"<code>{asked}</code>" in render(f"Write `{asked}`.")
    assert "<td>30 seconds</td>" in render(f"| a |\n|---|\n| {asked} |")
    assert "30 seconds" not in render(f"```\n{asked}\n```")
