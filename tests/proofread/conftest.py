"""What the tests of the engine share: the site's own Markdown, a warm sandbox, a verdict."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proofread._collect import collect_page
from proofread._config import read_site
from proofread._marked import MarkdownFactory
from proofread._model import Page, Problem, Result
from proofread._roles import refusals
from proofread._run import run_story
from proofread._sandbox import Sandbox
from proofread._settings import Limits
from proofread._shows import judge_shown
from proofread._story import Story, stories

PROJECT = Path(__file__).parents[2]
CORPUS = Path(__file__).with_name("corpus")
RECORDS = CORPUS / "examples" / "record"
PRELOAD = ("pytest_examples", "starlette.routing", "uvicorn.main", "uvicorn.protocols.http.auto")

Collect = Callable[[Path], Page]
Tell = Callable[[Story, Limits], list[Result]]


@pytest.fixture(scope="session")
def markdown() -> MarkdownFactory:
    """The renderer of this project's own site."""
    with contextlib.chdir(PROJECT):
        return read_site(PROJECT).markdown


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One warm parent for all tests."""
    with Sandbox(PRELOAD) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def collect(markdown: MarkdownFactory) -> Collect:
    """Collect a page; its includes come from `corpus/examples`."""

    def page(path: Path) -> Page:
        with contextlib.chdir(CORPUS):
            return collect_page(path, name=path.name, markdown=markdown)

    return page


@pytest.fixture(scope="session")
def tell(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Tell:
    """Run a story in a directory of its own."""
    root, number = tmp_path_factory.mktemp("stories"), itertools.count()

    def results(story: Story, limits: Limits) -> list[Result]:
        return run_story(story, sandbox, root / str(next(number)), limits)

    return results


@pytest.fixture(scope="session")
def verdict(tell: Tell) -> Callable[[Page, Limits], list[Problem]]:
    """What is wrong with a page: what it is refused for, or what its stories come to."""

    # Python 3.11.2 cannot parse in two threads at once.
    parsing = threading.Lock()

    def problems(page: Page, limits: Limits) -> list[Problem]:
        with parsing:
            refused, told = refusals(page), stories(page)
        shown, wrong = judge_shown(page, records=RECORDS, root=CORPUS, keep="keep")
        if refused or wrong:
            return [*refused, *wrong]
        results = [*shown, *(result for story in told for result in tell(story, limits))]
        assert results, "A page without blocks proves nothing."
        return [
            Problem(result.block.path, result.block.line, problem)
            for result in results
            for problem in result.problems
        ]

    return problems
