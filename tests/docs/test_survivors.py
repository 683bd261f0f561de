"""Every change that no block need notice is still one that `nox -s docs-mutate` makes."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path

import pytest

from proofread._collect import collect_markdown, collect_page
from proofread._config import read_site
from proofread._ordeal import package_of
from proofread._reference import Reference
from proofread._surface import mutants, places
from proofread._survivors import read_reasons, stale

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def changes() -> set[str]:
    """The names of all changes to what the reference documents, and its own names."""
    with contextlib.chdir(ROOT):
        site = read_site(ROOT)
        collect = functools.partial(collect_markdown, markdown=site.markdown)
        reference = Reference(ROOT / site.settings.mkdocs, collect)
        package = package_of(site)
        for page in sorted((site.docs / "reference").glob("*.md")):
            collect_page(page, name=page.name, markdown=site.markdown, reference=reference)
        found = places(reference.documented, page=site.docs, package=package)
        made = {mutant.name for place in found for mutant in mutants(place, package)}
        return made | {place.name for place in found}


def test_no_reason_is_given_for_a_change_that_is_not_made(changes: set[str]) -> None:
    reasons = read_reasons(ROOT / "tests" / "docs" / "survivors.toml")
    assert len(reasons) > 100
    assert stale(reasons, noticed=(), known=changes) == []


def test_every_documented_module_is_changed(changes: set[str]) -> None:
    assert len(changes) > 600
    starts = {"TaskRunner.submit: ", "engines.rq.RQEngine.submit: ", "testing.check_store: "}
    assert all(any(change.startswith(start) for change in changes) for start in starts)
