"""The pytest plugin: a story is an item, and the whole site is the last one.

Stories run at the same time in the background; pytest reports them one after another.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofread import _receipts, _report
from proofread._accept import accept
from proofread._collect import collect_markdown, collect_page
from proofread._config import Site, read_site
from proofread._issue import issue
from proofread._ledger import Ledger
from proofread._lint import lint
from proofread._model import Block, Page, Problem, Result
from proofread._reference import Reference
from proofread._roles import refusals
from proofread._run import run_section
from proofread._sandbox import Sandbox
from proofread._site import Publication
from proofread._story import Story, stories

Told = concurrent.futures.Future[list[Result]]
KEY = pytest.StashKey["Proof"]()


class Refused(Exception):
    """What a page shows that no run vouches for."""


class Proof:
    """One session: its site, the stories under way, and what became of every block."""

    def __init__(
        self, site: Site, sandbox: Sandbox, *, line: int | None, accept: bool, fresh: bool
    ) -> None:
        self.site = site
        self.line = line
        self.accept = accept
        self.pages: dict[Path, Page] = {}
        self.results: list[Result] = []
        self.accepted: list[str] = []
        self.summary = ""
        self.started = time.perf_counter()
        collect = functools.partial(collect_markdown, markdown=site.markdown)
        self._reference = Reference(site.root / site.settings.mkdocs, collect)
        self._futures: dict[tuple[str, tuple[Block, ...]], Told] = {}
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        self._sandbox = sandbox
        self._ledger = Ledger(site.root / "build" / "proofs", sources=site.sources)
        self._known: dict[str, list[Result]] = {}
        self._fresh = fresh
        self._directory = Path(tempfile.mkdtemp(prefix="proofread-"))

    def page(self, path: Path) -> Page:
        if path not in self.pages:
            page = collect_page(
                path,
                name=self.site.name(path),
                markdown=self.site.markdown,
                reference=self._reference,
            )
            unfit = tuple(self._reference.problems)
            self._reference.problems.clear()
            self.pages[path] = dataclasses.replace(page, problems=page.problems + unfit)
        return self.pages[path]

    def site_pages(self) -> list[Page]:
        return [page for path, page in self.pages.items() if self.site.shows(path)]

    def all_results(self) -> list[Result]:
        """Those of the stories, and of the signatures, which were judged when collected."""
        return [*self.results, *self._reference.signatures]

    def site_results(self) -> list[Result]:
        return [r for r in self.all_results() if r.block.path not in self.site.beside]

    def start(self, told: list[Story]) -> None:
        """Begin all stories that are not known, section by section."""
        if not self._fresh:
            known = {story.name: self._ledger.recall(story) for story in told}
            self._known = {name: results for name, results in known.items() if results}
        told = [story for story in told if story.name not in self._known]
        if not told:
            return
        settings = self.site.settings
        at_once = settings.sections_at_once(len({story.page.path for story in told}))
        self._pool = concurrent.futures.ThreadPoolExecutor(at_once)
        sections = [(story.name, section) for story in told for section in story.sections()]
        order = sorted(sections, key=lambda named: -len(named[1].blocks))
        for number, (name, section) in enumerate(order):
            root = self._directory / str(number)
            self._futures[name, section.blocks] = self._pool.submit(
                run_section, section, self._sandbox, root, settings.limits
            )

    @property
    def recalled(self) -> int:
        return len(self._known)

    def results_of(self, story: Story) -> list[Result]:
        results = self._known.get(story.name)
        if results is None:
            told = [self._futures[story.name, section.blocks] for section in story.sections()]
            results = [result for section in told for result in section.result()]
            self._ledger.remember(story, results)
        self.results.extend(results)
        return results

    def close(self) -> None:
        self._ledger.keep()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            if any(future.running() for future in self._futures.values()):
                # Interrupted: what runs ends with the sandbox, and not with its own timeout.
                self._sandbox.__exit__()
            self._pool.shutdown()
        shutil.rmtree(self._directory, ignore_errors=True)


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
            if not told:
                problem = Problem(page.path, proof.line, "No code block stands on this line.")
                yield RefusedItem.from_parent(self, name="refused", problems=[problem])
        for story in told:
            yield StoryItem.from_parent(self, name=story.variant or "page", story=story)


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
    """One story of a page."""

    def __init__(self, *, story: Story, name: str, parent: pytest.Collector) -> None:
        super().__init__(name, parent)
        self.story = story

    def runtest(self) -> None:
        proof = self.config.stash[KEY]
        site = proof.site
        refused = _report.of_results(
            proof.results_of(self.story), root=site.root, rerun=site.settings.rerun
        )
        if refused:
            raise Refused(refused)


class SiteItem(ProofItem):
    """The built site: published only if every block has a passing receipt for its bytes."""

    def __init__(self, *, publication: Publication, name: str, parent: pytest.Session) -> None:
        super().__init__(name, parent, nodeid="site")
        self.publication = publication

    def runtest(self) -> None:
        proof = self.config.stash[KEY]
        failed_before = self.session.testsfailed
        seconds = time.perf_counter() - proof.started
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


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("proofread", "prove the code blocks of a site")
    group.addoption("--proofread", metavar="DIR", help="the project whose site to prove")
    group.addoption("--line", type=int, help="prove the block on this line of the page only")
    group.addoption("--fresh", action="store_true", help="run also what was proven before")
    group.addoption("--accept", action="store_true", help="rewrite outputs to what happened")


def pytest_configure(config: pytest.Config) -> None:
    root = config.getoption("--proofread")
    if root is None:
        return
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("proofread runs its own processes: leave out -n.")
    site = read_site(Path(root))
    sandbox = next((p for p in config.pluginmanager.get_plugins() if isinstance(p, Sandbox)), None)
    if sandbox is None:
        sandbox = Sandbox(site.settings.preload).__enter__()
        config.add_cleanup(sandbox.__exit__)
    option = config.option
    config.stash[KEY] = Proof(
        site, sandbox, line=option.line, accept=option.accept, fresh=option.fresh
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    proof = config.stash.get(KEY, None)
    if proof is not None:
        proof.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    proof = parent.config.stash.get(KEY, None)
    if proof is None or not proof.site.proves(file_path):
        return None
    return PageFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """With the whole site selected, its build runs beside the stories and is judged last."""
    proof = session.config.stash.get(KEY, None)
    if proof is None:
        return
    if items and proof.line is None:
        items.append(LintItem.from_parent(session, name="lint"))
    if proof.pages.keys() >= set(proof.site.pages()) and proof.line is None:
        publication = Publication(proof.site)
        items.append(SiteItem.from_parent(session, name="site", publication=publication))
    proof.start([item.story for item in items if isinstance(item, StoryItem)])


def pytest_sessionfinish(session: pytest.Session) -> None:
    proof = session.config.stash.get(KEY, None)
    if proof is not None and proof.accept:
        proof.accepted = accept(proof.results)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    proof = config.stash.get(KEY, None)
    if proof is None:
        return
    for change in proof.accepted:
        terminalreporter.write_line(change)
    if not proof.summary and proof.results and proof.line is None:
        pages = list(proof.pages.values())
        seconds = time.perf_counter() - proof.started
        proof.summary = _receipts.summary(
            issue(
                pages,
                proof.all_results(),
                root=proof.site.root,
                seconds=seconds,
                rerun=proof.site.settings.rerun,
            )
        )
    if proof.recalled:
        terminalreporter.write_line(
            f"Unchanged since it was proven: {proof.recalled} of the stories. --fresh runs them."
        )
    if proof.summary:
        terminalreporter.section("proof", sep="=")
        terminalreporter.write_line(proof.summary)
