"""A page runs once per tab, each time in a directory of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
    greeting = "Hello"
    ```

=== "Starlette"

    ```python title="main.py"
    greeting = "Hello!"
    ```

```python
from main import greeting

print(greeting)
```

```text title="Output"
Hello
```
"""
PACKAGES = """
=== "pip"

    ```python
    x = "pip"
    ```

=== "uv"

    ```python
    x = "uv"
    ```
"""

SOME = """
=== "Starlette"

    ```python
    x = "starlette"
    ```

=== "Litestar"

    ```python
    x = "litestar"
    ```
"""


@pytest.fixture
def page(tmp_path: Path, collect: Collect) -> Callable[[str], Page]:
    def collected(text: str, name: str = "page.md") -> Page:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return collect(path)

    return collected


def passed(results: list[Result]) -> bool:
    return bool(results) and all(result.passed for result in results)


def test_a_page_without_tabs_is_one_story(page: Callable[[str], Page]) -> None:
    assert [story.name for story in stories(page("```python\nx = 1\n```"))] == ["page.md"]


def test_a_page_is_told_once_per_tab_and_its_other_blocks_each_time(
    page: Callable[[str], Page],
) -> None:
    told = stories(page(TABS))
    assert [story.variant for story in told] == ["FastAPI", "Starlette"]
    assert [[block.line for block in story.blocks] for story in told] == [[3, 13, 19], [9, 13, 19]]


def test_one_failing_tab_fails_only_its_own_story(page: Callable[[str], Page], tell: Tell) -> None:
    verdicts = {story.variant: tell(story, Limits()) for story in stories(page(TABS))}
    assert passed(verdicts["FastAPI"])
    [wrong] = [result for result in verdicts["Starlette"] if not result.passed]
    assert (wrong.block.line, wrong.variant) == (19, "Starlette")
    assert "-Hello\n+Hello!" in wrong.problems[0]


def test_sets_with_other_labels_share_the_stories(page: Callable[[str], Page]) -> None:
    told = stories(page(TABS + PACKAGES))
    assert [story.variant for story in told] == ["FastAPI, pip", "Starlette, uv"]


def test_a_label_that_is_picked_in_one_set_is_picked_in_every_set(
    page: Callable[[str], Page],
) -> None:
    told = stories(page(TABS + SOME))
    picked = {story.variant: [block.line for block in story.blocks] for story in told}
    assert picked == {
        "FastAPI, Litestar": [3, 13, 19, 31],
        "Starlette, Starlette": [9, 13, 19, 25],
    }


def test_a_tab_that_only_one_set_has_shows_the_first_of_the_others(
    page: Callable[[str], Page],
) -> None:
    told = stories(page(TABS + SOME.partition('=== "Litestar"')[0]))
    assert {story.variant for story in told} == {"FastAPI, Starlette", "Starlette, Starlette"}


def test_a_tab_without_code_shows_none_of_its_neighbours(page: Callable[[str], Page]) -> None:
    prose = SOME.replace('"Starlette"', '"FastAPI"') + '\n=== "Starlette"\n\n    Prose.\n'
    told = stories(page(TABS + prose))
    assert {story.variant: len(story.blocks) for story in told} == {
        "FastAPI, FastAPI": 4,
        "Starlette, Starlette": 3,
        "FastAPI, Litestar": 4,
    }


def test_a_block_alone_replays_what_stands_above_it(page: Callable[[str], Page]) -> None:
    told = [story.upto(14) for story in stories(page(TABS + PACKAGES))]
    assert [[block.line for block in story.blocks] for story in told if story] == [
        [3, 13, 19],
        [9, 13, 19],
    ]


def test_a_line_without_a_block_has_no_story(page: Callable[[str], Page]) -> None:
    assert [story.upto(12) for story in stories(page(TABS))] == [None, None]


def test_a_line_is_a_line_of_the_page_not_of_a_docstring_on_it(page: Callable[[str], Page]) -> None:
    shown = page("```python\nx = 1\n```\n")
    elsewhere = tuple(replace(block, path=Path("code.py")) for block in shown.blocks)
    [story] = stories(replace(shown, blocks=elsewhere))
    assert story.upto(1) is None


def test_files_of_one_name_on_two_pages_do_not_meet(page: Callable[..., Page], tell: Tell) -> None:
    text = (
        '```python title="main.py"\nname = {}\n```\n\n'
        "```python\nfrom main import name\n\nprint(name)\n```\n\n"
        '```text title="Output"\n{}\n```\n'
    )
    for number in (1, 2):
        [story] = stories(page(text.format(number, number), f"{number}.md"))
        assert passed(tell(story, Limits()))
