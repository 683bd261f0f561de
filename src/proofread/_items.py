"""What pytest runs and reports: a page, each of its stories, the lint, and the built site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from proofread import _report
from proofread._lint import lint
from proofread._model import Page, Problem
from proofread._proof import Proof
from proofread._roles import GENERATED, refusals
from proofread._site import Publication
from proofread._story import Story, stories

KEY = pytest.StashKey[Proof]()


class Refused(Exception):
    """What a page shows that no run vouches for."""


class PageFile(pytest.File):
    """A page; its items are its stories, or the reasons why it has none."""

    def collect(self) -> Iterator[pytest.Item]:
        proof = self.config.stash[KEY]
        page = proof.page(self.path)
        problems = refusals(page)
        if problems:
            yield RefusedItem.from_parent(self, name="refused", problems=problems)
            return
        told = stories(page)
        if proof.line is not None:
            told = [cut for story in told if (cut := story.upto(proof.line)) is not None]
            if not told and page.experiment is None:
                problem = Problem(page.path, proof.line, _no_block(page, proof.line))
                yield RefusedItem.from_parent(self, name="refused", problems=[problem])
        for story in told:
            name = story.variant or "page"
            yield StoryItem.from_parent(self, name=name, story=story, page=told)
        if page.experiment is not None:
            name = f"experiment {page.experiment}"
            yield ExperimentItem.from_parent(self, name=name, page=page)


def _no_block(page: Page, line: int) -> str:
    own = [b for b in page.blocks if b.path == page.path and b.language != GENERATED]
    if not own:
        return "No code block stands on this page: what it shows is proven with the whole page."
    near = min(own, key=lambda b: min(abs(b.line - line), abs(b.end_line - line)))
    between = f"lines {near.line} to {near.end_line}"
    return f"No code block stands on this line. The nearest, {near.language}, is on {between}."


class ProofItem(pytest.Item):
    """An item whose failure is for the writer of a page, not for a reader of tracebacks."""

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str | object:
        if isinstance(excinfo.value, Refused):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.path.name}[{self.name}]"


class RefusedItem(ProofItem):
    """A page that is refused before anything runs."""

    def __init__(self, *, problems: list[Problem], name: str, parent: pytest.Collector) -> None:
        super().__init__(name, parent)
        self.problems = problems

    def runtest(self) -> None:
        site = self.config.stash[KEY].site
        raise Refused(_report.of_problems(self.problems, root=site.root, rerun=site.settings.rerun))


class LintItem(ProofItem):
    """All Python blocks at once, linted."""

    def __init__(self, *, name: str, parent: pytest.Session) -> None:
        super().__init__(name, parent, nodeid="lint")

    def runtest(self) -> None:
        proof = self.config.stash[KEY]
        site = proof.site
        problems = lint(
            proof.pages.values(),
            root=site.root,
            line_length=site.settings.lint_line_length,
            ignore=site.settings.lint_ignore,
        )
        if problems:
            raise Refused(_report.of_problems(problems, root=site.root, rerun=site.settings.rerun))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, "the Python blocks, linted"


class StoryItem(ProofItem):
    """One story of a page; what fails alike in several of them is told once."""

    def __init__(
        self, *, story: Story, page: list[Story], name: str, parent: pytest.Collector
    ) -> None:
        super().__init__(name, parent)
        self.story = story
        self.page = page

    def runtest(self) -> None:
        proof = self.config.stash[KEY]
        site = proof.site
        results = proof.results_of(self.story)
        if all(result.passed for result in results):
            return
        page = [result for story in self.page for result in proof.results_of(story)]
        raise Refused(_report.of_story(results, page, root=site.root, rerun=site.settings.rerun))


class ExperimentItem(ProofItem):
    """The experiment that a page is about: what has changed since is run again, and compared."""

    def __init__(self, *, page: Page, name: str, parent: pytest.Collector) -> None:
        super().__init__(name, parent)
        self.page = page

    def runtest(self) -> None:
        if differences := self.config.stash[KEY].differences(self.page):
            place = self.page.path.relative_to(self.config.stash[KEY].site.root)
            raise Refused("\n\n".join([f"{place}:", *differences]))


class SiteItem(ProofItem):
    """The built site: published only if every block has a passing receipt for its bytes."""

    def __init__(self, *, publication: Publication, name: str, parent: pytest.Session) -> None:
        super().__init__(name, parent, nodeid="site")
        self.publication = publication

    def runtest(self) -> None:
        proof = self.config.stash[KEY]
        failed_before = self.session.testsfailed
        seconds = proof.seconds
        problems, proof.summary = self.publication.finish(
            proof.site_pages(),
            proof.site_results(),
            seconds=seconds,
            refused=bool(failed_before),
        )
        if problems:
            raise Refused("\n".join(problems))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, "the built site"
