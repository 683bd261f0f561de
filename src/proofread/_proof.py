"""One session of proving: its site, the stories under way, and what became of every block."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from proofread._collect import collect_markdown, collect_page
from proofread._config import Site
from proofread._issue import issue
from proofread._ledger import Ledger
from proofread._model import Block, Page, Result
from proofread._receipts import summary
from proofread._reference import Reference
from proofread._run import run_section
from proofread._sandbox import Sandbox
from proofread._settings import Limits
from proofread._shows import judge_shown
from proofread._story import Story
from proofread._trials import Trials
from proofread._workers import Kind, all_kinds

Told = concurrent.futures.Future[list[Result]]


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
        kept = site.root / "build" / "proofs"
        self._ledger = Ledger(kept, sources=site.sources, seen=sandbox.world)
        self.trials = Trials(site.root, site.settings)
        self._shown: list[Result] = []
        self._known: dict[str, list[Result]] = {}
        self._told: dict[str, list[Result]] = {}
        self.fresh = fresh
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
            shown, wrong = judge_shown(
                page,
                records=self.site.root / self.site.settings.experiments,
                root=self.site.root,
                keep=self.site.settings.experiment_keep,
            )
            self._shown += shown
            problems = (*page.problems, *unfit, *wrong)
            self.pages[path] = dataclasses.replace(page, problems=problems)
        return self.pages[path]

    def site_pages(self) -> list[Page]:
        return [page for path, page in self.pages.items() if self.site.shows(path)]

    def all_results(self) -> list[Result]:
        """Those of the stories, and of what was judged when collected, such as signatures."""
        return [*self.results, *self._reference.signatures, *self._shown]

    @property
    def has_results(self) -> bool:
        """Whether a run, or what is recorded of one, vouches for anything."""
        return bool(self.results or self._shown)

    def differences(self, page: Page) -> list[str]:
        """What comes of the experiment of a page that is not what is kept of it."""
        names = [page.experiment for page in self.pages.values() if page.experiment]
        return self.trials.differences(page.experiment or "", names)

    def site_results(self) -> list[Result]:
        return [r for r in self.all_results() if r.block.path not in self.site.beside]

    def start(self, told: list[Story]) -> None:
        """Begin all stories that are not known, page after page, section by section."""
        if not self.fresh:
            known = {story.name: self._ledger.recall(story) for story in told}
            self._known = {name: results for name, results in known.items() if results}
        told = [story for story in told if story.name not in self._known]
        if not told:
            return
        settings = self.site.settings
        workers = all_kinds(settings.workers)
        at_once = settings.sections_at_once(len({story.page.path for story in told}))
        self._pool = concurrent.futures.ThreadPoolExecutor(at_once)
        sections = [(story.name, section) for story in told for section in story.sections()]
        places = longest_first(told)
        sections.sort(key=lambda named: _expected_to_wait(named[1]), reverse=True)
        sections.sort(key=lambda named: places[named[1].page.path])
        for number, (name, section) in enumerate(sections):
            root = self._directory / str(number)
            self._futures[name, section.blocks] = self._pool.submit(
                self._run, section, root, settings.limits, workers
            )

    def _run(
        self, section: Story, root: Path, limits: Limits, workers: Mapping[str, Kind]
    ) -> list[Result]:
        try:
            return run_section(section, self._sandbox, root, limits, workers=workers)
        finally:
            shutil.rmtree(root, ignore_errors=True)  # while others run: it takes a while

    @property
    def ran(self) -> bool:
        """Whether anything was run this time."""
        return bool(self._futures)

    @property
    def world(self) -> str:
        """One hash of all that blocks may import, from before any was run."""
        return self._sandbox.world

    @property
    def containment(self) -> str:
        return self._sandbox.containment

    @property
    def seconds(self) -> float:
        """How long it has taken, if all of it was run this time."""
        return 0.0 if self.recalled else time.perf_counter() - self.started

    @property
    def recalled(self) -> int:
        return len(self._known)

    def results_of(self, story: Story) -> list[Result]:
        """Wait for a story; asked again, it answers with the same."""
        if story.name not in self._told:
            results = self._known.get(story.name)
            if results is None:
                told = [self._futures[story.name, section.blocks] for section in story.sections()]
                results = [result for section in told for result in section.result()]
                self._ledger.remember(story, results)
            self._told[story.name] = results
            self.results.extend(results)
        return self._told[story.name]

    def summary_of_pages(self) -> str:
        """The last lines of a run that names its pages."""
        settings, root = self.site.settings, self.site.root
        pages = list(self.pages.values())
        return summary(
            issue(pages, self.all_results(), root=root, seconds=self.seconds, rerun=settings.rerun)
        )

    def summary_of_line(self) -> str:
        """Which blocks a run of one line has proven."""
        ran = {result.block.line: result.role for result in self.results}
        said = ", ".join(f"{role} on line {line}" for line, role in sorted(ran.items()))
        return f"Proven for line {self.line}: {said}."

    def close(self) -> None:
        self._ledger.keep()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            if any(future.running() for future in self._futures.values()):
                # Interrupted: what runs ends with the sandbox, and not with its own timeout.
                self._sandbox.__exit__()
            self._pool.shutdown()
        shutil.rmtree(self._directory, ignore_errors=True)


def longest_first(told: Iterable[Story]) -> dict[Path, int]:
    """Where each page stands in a run: page after page, so that each is soon seen to be proven."""
    waits: dict[Path, tuple[bool, int]] = {}
    for story in told:
        wait = max(map(_expected_to_wait, story.sections()))
        waits[story.page.path] = max(wait, waits.get(story.page.path, wait))
    order = sorted(waits, key=lambda path: waits[path], reverse=True)
    return {path: place for place, path in enumerate(order)}


def _expected_to_wait(section: Story) -> tuple[bool, int]:
    """The longest come first, or the last would run alone: those that start programs wait."""
    waits = any(b.language == "console" or "subprocess" in b.text for b in section.blocks)
    return waits, len(section.blocks)
