"""Accepting writes what happened onto the page, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from proofread._accept import NOTHING, accept
from proofread._model import Page, Result
from proofread._roles import refusals
from proofread._settings import Limits
from proofread._story import Story, stories

Collect = Callable[[Path], Page]
Tell = Callable[[Story, Limits], list[Result]]
Accepted = Callable[[str], tuple[str, list[str]]]

RUN = '```python\nprint("new", 7)\n```\n\n```text title="Output"\nold\n```\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


@pytest.fixture
def accepted(path: Path, collect: Collect, tell: Tell) -> Accepted:
    """The page after accepting, and what was said."""

    def rewritten(text: str) -> tuple[str, list[str]]:
        path.write_text(text, encoding="utf-8", newline="")
        page = collect(path)
        assert not refusals(page)
        results = [result for story in stories(page) for result in tell(story, Limits())]
        said = accept(results)
        return path.read_bytes().decode(), said

    return rewritten


@pytest.mark.parametrize(
    ("opening", "lead"),
    [
        pytest.param("Text.\n\n", "", id="text"),
        pytest.param('=== "pip"\n\n', "    ", id="tab"),
        pytest.param("!!! note\n\n", "    ", id="admonition"),
        pytest.param('=== "A"\n\n    ??? note\n\n', "        ", id="collapsible in a tab"),
        pytest.param("1.  Run:\n\n", "    ", id="list"),
        pytest.param("> Quoted.\n>\n", "> ", id="quote"),
        pytest.param("!!! note\n\n    > Quoted.\n    >\n", "    > ", id="quote in an admonition"),
    ],
)
def test_an_output_keeps_what_stands_in_front_of_it(
    accepted: Accepted, opening: str, lead: str
) -> None:
    before = opening + "".join((lead + line).rstrip() + "\n" for line in RUN.splitlines())
    after, said = accepted(before)
    assert after == before.replace(f"{lead}old", f"{lead}new 7")
    assert f"-{lead}old" in said
    assert f"+{lead}new 7" in said


def test_accepting_twice_changes_nothing_more(accepted: Accepted) -> None:
    after, _ = accepted(RUN)
    again, said = accepted(after)
    assert again == after
    assert said == [NOTHING]


def test_all_outputs_of_a_page_are_rewritten_though_lines_move(accepted: Accepted) -> None:
    long = '```python\nprint("a", "b", "c", sep="\\n")\n```\n\n```text title="Output"\na\n```\n'
    after, _ = accepted(f"{long}\n{RUN}\n{long}")
    mended = long.replace("\na\n", "\na\nb\nc\n")
    assert after == f"{mended}\n{RUN.replace('old', 'new 7')}\n{mended}"


def test_a_block_of_an_included_page_is_left_alone(accepted: Accepted) -> None:
    page = 'Text.\n\n--8<-- "old.md"\n'
    after, said = accepted(page)
    assert after == page
    assert said[0].endswith(":3: left alone, its text stands in another file.")


def test_lines_with_dots_stay_where_they_still_fit(accepted: Accepted) -> None:
    page = (
        '```python\nprint("id 5", "a", "b", "lost", sep="\\n")\n```\n\n'
        '```text title="Output"\nid ...\n...\nsent\n```\n'
    )
    after, _ = accepted(page)
    assert after == page.replace("\nsent\n", "\nlost\n")


def test_a_session_keeps_what_is_typed(accepted: Accepted) -> None:
    page = "```pycon\n>>> for n in range(2):\n...     print(n)\n0\n2\n```\n"
    assert accepted(page)[0] == page.replace("0\n2", "0\n1")


def test_a_command_keeps_its_neighbours(accepted: Accepted) -> None:
    page = (
        '```python title="say.py"\nimport sys\n\nif len(sys.argv) > 1:\n    print(sys.argv[1])\n'
        "```\n\n```console\n$ python say.py one\none\n$ python say.py two\nthree\n```\n"
    )
    assert accepted(page)[0] == page.replace("three", "two")


def test_a_response_keeps_the_values_that_still_fit(accepted: Accepted) -> None:
    page = (
        '```python title="main.py"\n--8<-- "hello.py"\n```\n\n'
        "```console\n$ uvicorn main:app\n```\n\n"
        "```http\nGET /order HTTP/1.1\n\nHTTP/1.1 201 Created\ncontent-type: ...\nx-other: 1\n\n"
        '{\n  "id": ...,\n  "state": "sent"\n}\n```\n'
    )
    after, _ = accepted(page)
    assert after == page.replace("201 Created", "200 OK").replace("x-other: 1\n", "").replace(
        '"sent"', '"queued "'
    )


def test_an_error_is_rewritten(accepted: Accepted) -> None:
    page = '```python\nint("x")\n```\n\n```text title="Error"\nKeyError: 1\n```\n'
    new = "ValueError: invalid literal for int() with base 10: 'x'"
    assert accepted(page)[0] == page.replace("KeyError: 1", new)


def test_line_ends_of_windows_stay(accepted: Accepted) -> None:
    page = RUN.replace("\n", "\r\n")
    assert accepted(page)[0] == page.replace("old", "new 7")


def test_an_output_below_tabs_that_differ_is_left_alone(accepted: Accepted) -> None:
    tab = '=== "{0}"\n\n    ```python title="main.py"\n    name = "{0}"\n    ```\n\n'
    page = (
        tab.format("A")
        + tab.format("B")
        + "```python\nimport main\n\nprint(main.name)\n```\n\n"
        + '```text title="Output"\nA\n```\n'
    )
    after, said = accepted(page)
    assert after == page
    assert said == [said[0]]
    assert said[0].endswith("page.md:19: left alone, the tabs differ: put this block into tabs.")


def test_an_output_that_one_tab_never_reached_is_left_alone(accepted: Accepted) -> None:
    page = (
        '=== "A"\n\n    ```python\n    x = 1\n    ```\n\n'
        '=== "B"\n\n    ```python\n    1 / 0\n    ```\n\n'
        '```python title="main.py"\nprint(1)\n```\n\n```text title="Output"\n2\n```\n'
    )
    after, said = accepted(page)
    assert after == page
    assert said[0].endswith(":17: left alone, it did not run in every tab.")


def test_a_text_from_another_file_is_left_alone(accepted: Accepted) -> None:
    page = '```python\nprint(1)\n```\n\n```text title="Output"\n--8<-- "seven.py:seven"\n```\n'
    after, said = accepted(page)
    assert after == page
    assert said[0].endswith(":5: left alone, its text stands in another file.")


def test_an_output_of_nothing_is_for_the_writer_to_delete(accepted: Accepted) -> None:
    page = '```python\nx = 1\n```\n\n```text title="Output"\n1\n```\n'
    after, said = accepted(page)
    assert after == page
    assert said[0].endswith(":5: left alone, nothing came: mend the block above it, or delete it.")


def test_an_output_that_would_end_its_block_is_left_alone(accepted: Accepted) -> None:
    page = '```python\nprint("`" * 3)\n```\n\n```text title="Output"\nfence\n```\n'
    after, said = accepted(page)
    assert after == page
    assert said[0].endswith(":5: left alone, what came holds a fence: show less of it.")


def test_a_package_that_is_not_installed_is_not_written_down(accepted: Accepted) -> None:
    page = "```console\n$ pip install no-such-package\n```\n"
    assert accepted(page) == (page, [NOTHING])


def test_a_page_is_replaced_at_once(accepted: Accepted, path: Path) -> None:
    path.write_text(RUN, encoding="utf-8")
    path.chmod(0o640)
    with path.open(encoding="utf-8") as reader:
        accepted(RUN)
        assert reader.read() == RUN, "A reader who had opened it would have found a mixture."
    assert path.stat().st_mode & 0o777 == 0o640
    assert [child.name for child in path.parent.iterdir()] == ["page.md"]
