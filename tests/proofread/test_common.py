"""What is the same in every tab is run once; what a file from a tab could change is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from proofread._model import Page, Result
from proofread._settings import Limits
from proofread._story import Story, stories

Collect = Callable[[Path], Page]
Tell = Callable[[Story, Limits], list[Result]]

TABS = """\
=== "FastAPI"

    ```python title="main.py"
    GREETING = "Hello"
    ```

=== "Starlette"

    ```python title="main.py"
    GREETING = "Hello!"
    ```

=== "FastAPI"

    ```python title="two-words.py"
    NUMBER = 1
    ```

=== "Starlette"

    ```python title="two-words.py"
    NUMBER = 2
    ```

```python title="prices.py"
PRICE = 3
```

"""
SHOP = """\
```python title="shop.py"
from main import GREETING

print(len(GREETING) > 0)
```

```text title="Output"
True
```

"""
NEXT = "## Next\n\n"

COMMON = {
    "python": "```python\nasync def main() -> None: ...\n\n\nx = main\n```\n",
    "a file outside tabs": (
        "```python\nfrom prices import PRICE\n\nprint(PRICE)\n```\n\n"
        '```text title="Output"\n3\n```\n'
    ),
    "an error": '```python\nint("x")\n```\n\n```text title="Error"\nValueError: ...\n```\n',
    "a session": "```pycon\n>>> import prices\n>>> prices.PRICE\n3\n```\n",
    "data": '```json\n{"a": 1}\n```\n',
    "a command on a file outside tabs": "```console\n$ python prices.py\n```\n",
    "its status": "```console\n$ python prices.py\n$ echo $?\n0\n```\n",
    "an install line": "```console\n$ pip install postlude\n```\n",
    "a broker, its worker, and the end of both": (
        "```console\n$ redis-server\n$ rq worker high\n```\n\n"
        "```python\nfrom redis import Redis\nfrom rq import Queue\n\n"
        'x = Queue("high", connection=Redis()).enqueue(abs, -3)\n```\n\n'
        '```text title="Worker log"\n... high: builtins.abs(-3) (...)\n...\n'
        "... result is kept for 500 seconds\n```\n\n"
        "```console\n$ pkill -9 rq\n$ pkill -9 redis-server\n```\n"
    ),
    "a worker that Python is told to run": (
        "```console\n$ redis-server\n$ python -m celery -b redis://localhost:6379/0 worker -c 1\n"
        "$ pkill -9 -f celery\n```\n"
    ),
}

TOLD_PER_TAB = {
    "it imports a file from a tab": "```python\nimport main\n\nx = main\n```\n",
    "it imports from one": "```python\nfrom main import GREETING\n\nx = GREETING\n```\n",
    "it quotes one": '```python\nfrom pathlib import Path\n\nx = Path("main.py").exists()\n```\n',
    "it types one": "```pycon\n>>> import main\n>>> len(main.GREETING) > 0\nTrue\n```\n",
    "it imports what imports one": (
        '```python\nimport shop\n\nx = shop\n```\n\n```text title="Output"\nTrue\n```\n'
    ),
    "its command may look at one that imports one": (
        '```python title="conftest.py"\nimport main\n\nx = main\n```\n\n'
        '```python title="test_a.py"\ndef test_a() -> None: ...\n```\n\n'
        "```console\n$ pytest -q test_a.py\n...\n1 passed in ...s\n```\n"
    ),
    "its command reads settings that name one": (
        '```ini title="pytest.ini"\n[pytest]\npythonpath = main.py\n```\n\n'
        '```python title="test_a.py"\ndef test_a() -> None: ...\n```\n\n'
        "```console\n$ pytest -q test_a.py\n...\n1 passed in ...s\n```\n"
    ),
    "its command names one": "```console\n$ python main.py\n```\n",
    "its worker imports one": "```console\n$ redis-server\n$ rq worker -c main high\n```\n",
    "its command names no file": "```console\n$ python -m compileall -q .\n```\n",
    "it lists the directory": (
        "```python\nimport os\n\nprint(len(os.listdir()) > 0)\n```\n\n"
        '```text title="Output"\nTrue\n```\n'
    ),
    "it quotes one whose name is two words": (
        '```python\nfrom pathlib import Path\n\nx = Path("two-words.py").exists()\n```\n'
    ),
}


@pytest.fixture
def page(tmp_path: Path, collect: Collect) -> Callable[[str], Page]:
    def collected(text: str) -> Page:
        path = tmp_path / "page.md"
        path.write_text(text, encoding="utf-8")
        return collect(path)

    return collected


def results(told: list[Story], tell: Tell) -> list[Result]:
    return [result for story in told for result in tell(story, Limits(block=20))]


@pytest.mark.parametrize("section", COMMON.values(), ids=COMMON)
def test_what_is_the_same_in_every_tab_is_told_once(
    section: str, page: Callable[[str], Page], tell: Tell
) -> None:
    told = stories(page(TABS + NEXT + section))
    assert [story.variant for story in told] == ["FastAPI", "Starlette", ""]
    done = results(told, tell)
    assert [result.problems for result in done if result.problems] == []
    last = [result for result in done if result.block.section == 1]
    assert len(last) == section.count("```") // 2


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [("conftest.py", "x = {0}\n", "python"), ("pytest.ini", "[pytest]\n# {0}\n", "ini")],
    ids=["conftest", "settings"],
)
def test_a_command_may_look_at_what_stands_in_a_tab_and_nothing_names(
    name: str, text: str, language: str, page: Callable[[str], Page], tell: Tell
) -> None:
    tabs = "".join(
        f'=== "{tab}"\n\n    ```{language} title="{name}"\n    '
        + text.format(number).strip().replace("\n", "\n    ")
        + "\n    ```\n\n"
        for number, tab in enumerate(("FastAPI", "Starlette"))
    )
    alone = '```python title="test_a.py"\ndef test_a() -> None: ...\n```\n\n'
    command = "```console\n$ pytest -q test_a.py\n...\n1 passed in ...s\n```\n"
    told = stories(page(tabs + NEXT + alone + command))
    assert [story.variant for story in told] == ["FastAPI", "Starlette"]
    assert [result.problems for result in results(told, tell) if result.problems] == []


@pytest.mark.parametrize("section", TOLD_PER_TAB.values(), ids=TOLD_PER_TAB)
def test_what_a_file_from_a_tab_could_change_is_told_in_each(
    section: str, page: Callable[[str], Page], tell: Tell
) -> None:
    told = stories(page(TABS + SHOP + NEXT + section))
    assert [story.variant for story in told] == ["FastAPI", "Starlette"]
    done = results(told, tell)
    assert [result.problems for result in done if result.problems] == []


def test_a_command_on_one_file_is_not_a_command_on_those_beside_it(
    page: Callable[[str], Page], tell: Tell
) -> None:
    beside = '```python title="test_b.py"\ndef test_b() -> None:\n    import main\n```\n\n'
    alone = '```python title="test_a.py"\ndef test_a() -> None: ...\n```\n\n'
    command = "```console\n$ pytest -q test_a.py\n...\n1 passed in ...s\n```\n"
    told = stories(page(TABS + beside + NEXT + alone + command))
    assert [len(story.sections()) for story in told] == [1, 1, 1]
    assert [result.problems for result in results(told, tell) if result.problems] == []


def test_what_needs_a_file_from_a_tab_in_disguise_fails(
    page: Callable[[str], Page], tell: Tell
) -> None:
    told = stories(page(TABS + NEXT + '```python\nx = __import__("ma" + "in")\n```\n'))
    assert [story.variant for story in told] == ["FastAPI", "Starlette", ""]
    [result] = tell(told[-1], Limits(block=20))
    assert "No module named 'main'" in "".join(result.problems)


def test_what_a_common_section_saves_is_there_in_each_tab(
    page: Callable[[str], Page], tell: Tell
) -> None:
    saved = '```python title="stock.py"\nITEMS = 7\n```\n\n## Last\n\n'
    used = "```python\nimport main\nimport stock\n\nx = main, stock\n```\n"
    told = stories(page(TABS + NEXT + saved + used))
    assert [len(story.sections()) for story in told] == [2, 2, 1]
    assert [result.problems for result in results(told, tell) if result.problems] == []


def test_a_page_without_tabs_is_one_story(page: Callable[[str], Page]) -> None:
    assert [
        story.variant
        for story in stories(page(COMMON["python"] + "\n## B\n\n```python\ny = 1\n```\n"))
    ] == [""]
