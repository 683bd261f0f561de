"""The reference shows the releases that were tried, and they are those that are promised."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from tests.releases import page
from tests.releases.suite import FRAMEWORKS, PINS, PROJECT, ROOT, Framework

PAGE = ROOT / "docs" / "reference" / "frameworks.md"
MODULES = {path.stem for path in Path(ROOT, "src/postlude/frameworks").glob("[!_]*.py")}


@pytest.fixture(params=FRAMEWORKS, ids=lambda one: one.name)
def framework(request: pytest.FixtureRequest) -> Framework:
    one: Framework = request.param
    return one


def test_the_table_is_what_was_kept() -> None:
    assert page.SHOWN.read_text() == page.shown(page.kept())
    assert PAGE.read_text().count('--8<-- "tested.md"') == 1


def test_every_framework_is_tried_and_was_kept() -> None:
    names = [one.name for one in FRAMEWORKS]
    assert {*names} == MODULES
    assert [*page.kept()] == names


def test_the_oldest_that_passed_is_the_lower_bound(framework: Framework) -> None:
    extra = PROJECT["project"]["optional-dependencies"][framework.name]
    own = [each for each in map(Requirement, extra) if each.name == framework.name]
    bounds = [(bound.operator, Version(bound.version)) for each in own for bound in each.specifier]
    assert bounds == [(">=", Version(page.kept()[framework.name]["oldest"]["version"]))]


def test_the_newest_that_passed_is_no_older_than_the_pin(framework: Framework) -> None:
    tried = page.kept()[framework.name]["newest"]["version"]
    assert Version(tried) >= Version(PINS[framework.name])


def test_both_passed_the_same_tests(framework: Framework) -> None:
    row = page.kept()[framework.name]
    assert row["oldest"]["tests"] == row["newest"]["tests"] > 0


def test_what_was_chosen_to_stand_beside_the_oldest_is_shown(framework: Framework) -> None:
    line = next(line for line in page.SHOWN.read_text().splitlines() if framework.title in line)
    assert [each for each in framework.beside if each.replace("==", " ") not in line] == []
