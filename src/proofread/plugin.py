"""The pytest plugin: a story is an item, and the whole site is the last one.

Stories run at the same time in the background; pytest reports them one after another.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from proofread._accept import accept
from proofread._config import read_site
from proofread._items import KEY, ExperimentItem, LintItem, PageFile, SiteItem, StoryItem
from proofread._proof import Proof, longest_first
from proofread._sandbox import Sandbox
from proofread._site import Publication
from proofread._world import world

SITE = pytest.StashKey[Publication]()
ENDED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED})
"""And not interrupted: another tab may still have come to something else."""


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
        preload, seen = site.settings.preload_of(()), world(site.sources)
        sandbox = Sandbox(preload, world=seen).__enter__()
        config.add_cleanup(sandbox.__exit__)
    option = config.option
    config.stash[KEY] = Proof(
        site, sandbox, line=option.line, accept=option.accept, fresh=option.fresh
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    proof = config.stash.get(KEY, None)
    if proof is not None:
        proof.close()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where the whole site is asked for, its build begins: it takes longer than to collect it."""
    proof = session.config.stash.get(KEY, None)
    asked = [Path(argument).absolute() for argument in session.config.args]
    if proof is not None and proof.line is None and proof.site.docs in asked:
        site = Publication(proof.site, fresh=proof.fresh, seen=proof.world)
        session.config.stash[SITE] = site


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
    places = longest_first(item.story for item in items if isinstance(item, StoryItem))
    items.sort(key=lambda item: places.get(item.path, -1))
    items.sort(key=lambda item: isinstance(item, ExperimentItem))  # not beside what waits for lines
    if items and proof.line is None:
        items.insert(0, LintItem.from_parent(session, name="lint"))  # while the first blocks run
    proof.start([item.story for item in items if isinstance(item, StoryItem)])
    publication = session.config.stash.get(SITE, None)
    if proof.line is None and proof.pages.keys() >= set(proof.site.pages()):
        publication = publication or Publication(proof.site, fresh=proof.fresh, seen=proof.world)
        publication.settle(ran=proof.ran)
        items.append(SiteItem.from_parent(session, name="site", publication=publication))
    elif publication is not None:
        publication.drop()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    proof = session.config.stash.get(KEY, None)
    if proof is not None and proof.accept and exitstatus in ENDED:
        proof.accepted = accept(proof.results)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    proof = config.stash.get(KEY, None)
    if proof is None:
        return
    for change in proof.accepted:
        terminalreporter.write_line(change)
    if proof.trials.ran:
        trials = "1 trial" if proof.trials.ran == 1 else f"{proof.trials.ran} trials"
        terminalreporter.write_line(
            f"Run again, because what decides them has changed: {trials}."
            f" `{proof.site.settings.experiment_keep}` notes what came."
        )
    if not proof.summary and proof.has_results and proof.line is None:
        proof.summary = proof.summary_of_pages()
    if proof.line is not None and proof.results and all(r.passed for r in proof.results):
        terminalreporter.write_line(proof.summary_of_line())
    if proof.ran:
        terminalreporter.write_line(f"Writes outside a page's directory: {proof.containment}.")
    if proof.recalled:
        stories = "1 story" if proof.recalled == 1 else f"{proof.recalled} stories"
        terminalreporter.write_line(
            f"Unchanged since they were proven, so not run: {stories}. A page is one, or one for"
            " each of its tabs. --fresh runs them all."
        )
    if proof.summary:
        terminalreporter.section("proof", sep="=")
        terminalreporter.write_line(proof.summary)
