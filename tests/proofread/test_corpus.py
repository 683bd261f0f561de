"""Every construct that could slip through is caught, on its line and with advice; its twin passes.

A case is one page in `corpus/`. Its head says what must be said on which line, and what to write
instead to make the page healthy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from proofread._model import Page, Problem
from proofread._settings import Limits

CORPUS = Path(__file__).with_name("corpus")
# The corpus may only grow: raise this number with each case.
CASES = 325
# The rows of the probe list that a page can show; N37 and N38 are the gate's.
PROBES = [n for n in range(1, 59) if n not in {37, 38, 39}]


@dataclass(frozen=True, slots=True)
class Case:
    """A page that must be caught, and how to mend it."""

    name: str
    body: str
    lead: str
    shows: str
    caught: dict[int, str]
    healthy: dict[str, str]
    typed: dict[str, str] = field(default_factory=dict[str, str])
    """By what stands in the file, what it stands for: a sign that one cannot see, for one."""
    experiment: str | None = None
    limits: dict[str, float] = field(default_factory=dict[str, float])

    def page(self, *, healthy: bool) -> str:
        text = self.body
        for old, new in self.healthy.items() if healthy else ():
            assert old in text, f"{self.name} has no {old!r} to mend"
            text = text.replace(old, new)
        for sign, character in self.typed.items():
            text = text.replace(sign, character)
        return self.lead + text


def read(path: Path) -> Case:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    says: dict[str, Any] = yaml.safe_load(head)
    return Case(name=path.stem, body=body, lead=f"---\n{head}---\n", **says)


ALL = [read(path) for path in sorted(CORPUS.glob("*.md"))]
each_case = pytest.mark.parametrize("case", ALL, ids=[case.name for case in ALL])
Verdicts = dict[tuple[str, bool], Future[list[Problem]]]


@pytest.fixture(scope="session")
def verdicts(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    collect: Callable[[Path], Page],
    verdict: Callable[[Page, Limits], list[Problem]],
) -> Iterator[Verdicts]:
    """The cases that were selected, all under way: most of the time each waits."""
    directory = tmp_path_factory.mktemp("corpus")
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    given = [item.callspec.params.get("case") for item in items if hasattr(item, "callspec")]
    selected = {case.name for case in given if isinstance(case, Case)}
    with ThreadPoolExecutor(6) as pool:
        under_way: Verdicts = {}
        for case in ALL:
            for healthy in (False, True) if case.name in selected else ():
                path = directory / f"{case.name}{'-healthy' * healthy}.md"
                path.write_text(case.page(healthy=healthy), encoding="utf-8", newline="")
                limits = Limits(**case.limits)
                under_way[case.name, healthy] = pool.submit(verdict, collect(path), limits)
        yield under_way
        pool.shutdown(cancel_futures=True)


@each_case
def test_it_is_caught(case: Case, verdicts: Verdicts) -> None:
    found: dict[int, str] = {}
    for problem in verdicts[case.name, False].result():
        found[problem.line] = f"{found.get(problem.line, '')}{problem.message}\n"
    assert found.keys() == case.caught.keys(), found
    for line, said in case.caught.items():
        assert said in found[line]


@each_case
def test_its_healthy_twin_passes(case: Case, verdicts: Verdicts) -> None:
    assert verdicts[case.name, True].result() == []


def test_no_case_gets_lost() -> None:
    assert len(ALL) == CASES > 0
    assert all(case.caught and case.healthy for case in ALL)


def test_every_row_of_the_probe_list_has_a_case() -> None:
    numbers = {int(found[1]) for case in ALL if (found := re.match(r"N(\d+)", case.name))}
    assert numbers == set(PROBES)
