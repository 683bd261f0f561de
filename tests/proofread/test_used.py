"""Which files of a page are left to what imports them: a guess, and the notes that decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofread._model import Block
from proofread._used import imported_below


def block(language: str, text: str, title: str | None = None) -> Block:
    return Block(Path("page.md"), 1, 3, language, title, text)


FILE = "PRICES = {}\n"
IMPORTERS = {
    "import": block("python", "import prices\n"),
    "from": block("python", "from prices import PRICES\n"),
    "late": block("python", "def tea():\n    from prices import PRICES\n\ntea()\n"),
    "session": block("pycon", ">>> import prices\n"),
    "server": block("console", "$ uvicorn prices:app\nINFO: ...\n"),
    "worker": block("console", "$ celery -A prices worker\n"),
    "deep": block("console", "$ procrastinate --app=prices.app worker\n"),
    "text": block("python", 'uvicorn.run("prices:app")\n'),
}


@pytest.mark.parametrize("below", IMPORTERS.values(), ids=IMPORTERS)
def test_it_is_left_to_what_imports_it(below: Block) -> None:
    assert imported_below(block("python", FILE, "prices.py"), [below])


OTHERS = {
    "nothing": [],
    "run as a program": [block("console", "$ python prices.py\n")],
    "run as a module": [block("console", "$ python -m prices\n")],
    "checked": [block("console", "$ mypy prices.py\n")],
    "a word of it": [block("python", "prices = 3\n")],
    "another module": [block("python", "from shop import prices\n")],
    "printed by a command": [block("console", "$ cat log\nuvicorn prices:app\n")],
    "its output": [block("text", "3\n", "Output"), *IMPORTERS.values()],
    "another file of its name": [block("python", "A = 1\n", "prices.py"), IMPORTERS["import"]],
    "what is no Python": [block("python", "import prices import\n")],
    "a test that nobody runs": [block("python", "import prices\n", "test_prices.py")],
}


@pytest.mark.parametrize("below", OTHERS.values(), ids=OTHERS)
def test_it_is_run_alone(below: list[Block]) -> None:
    assert not imported_below(block("python", FILE, "prices.py"), below)


def test_a_program_is_run_alone() -> None:
    program = 'if __name__ == "__main__":\n    print(3)\n'
    assert not imported_below(block("python", program, "prices.py"), [*IMPORTERS.values()])
    assert not imported_below(block("python", FILE), [*IMPORTERS.values()])
    assert not imported_below(block("toml", "a = 1\n", "prices.toml"), [*IMPORTERS.values()])


@pytest.mark.parametrize(
    ("title", "importer", "text"),
    [
        ("shop/prices.py", None, "from shop.prices import PRICES\n"),
        ("shop/prices.py", None, "from shop import prices\n"),
        ("shop/prices.py", "shop/main.py", "from .prices import PRICES\n"),
        ("shop/prices.py", "shop/tea/main.py", "from ..prices import PRICES\n"),
        ("shop/__init__.py", None, "import shop\n"),
        ("shop/__init__.py", "shop/main.py", "from . import PRICES\n"),
    ],
)
def test_a_module_of_a_package(title: str, importer: str | None, text: str) -> None:
    assert imported_below(block("python", FILE, title), [block("python", text, importer)])


def test_a_test_and_what_it_imports_are_left_to_pytest() -> None:
    test = block("python", "import prices\n\ndef test_tea():\n    pass\n", "test_prices.py")
    pytests = block("console", "$ pytest -q\n1 passed\n")
    assert imported_below(test, [pytests])
    assert imported_below(block("python", FILE, "prices.py"), [test, pytests])
    assert imported_below(block("python", "import doors\n", "conftest.py"), [pytests])
    assert not imported_below(test, [block("console", "$ uvicorn main:app\n")])
