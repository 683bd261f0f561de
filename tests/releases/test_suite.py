"""A release passes only if its framework's own tests were run on it, all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.releases.suite import FRAMEWORKS, PINS, PROJECT, Failed, Framework, counted

SUITES = ["tests/frameworks/test_lilya.py", "tests/conformance/test_attachment.py"]
CASE = "<testcase classname='{}' name='test'>{}</testcase>"
OWN = CASE.format("tests.frameworks.test_lilya.TestLilya", "")
CELL = CASE.format("tests.conformance.test_attachment", "")


def reported(folder: Path, *cases: str) -> Path:
    report = folder / "report.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return report


def test_all_tests_of_all_files_count(tmp_path: Path) -> None:
    assert counted(reported(tmp_path, OWN, OWN, CELL), SUITES) == 3


@pytest.mark.parametrize(("case", "missing"), [(OWN, SUITES[1]), (CELL, SUITES[0])])
def test_a_file_of_which_nothing_was_selected_is_a_failure(
    tmp_path: Path, case: str, missing: str
) -> None:
    with pytest.raises(Failed, match=f"no test of {missing}"):
        counted(reported(tmp_path, case), SUITES)


def test_a_test_that_is_skipped_is_a_failure(tmp_path: Path) -> None:
    skipped = CASE.format("tests.conformance.test_attachment", "<skipped/>")
    with pytest.raises(Failed, match="tests were skipped"):
        counted(reported(tmp_path, OWN, CELL, skipped), SUITES)


def test_a_framework_without_tests_is_a_failure() -> None:
    with pytest.raises(Failed, match="tests fail"):
        Framework("Nothing").run(Path(sys.executable), "oldest")


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.name)
def test_the_oldest_is_the_lower_bound_and_the_newest_is_any(framework: Framework) -> None:
    bounds = PROJECT["project"]["optional-dependencies"][framework.name]
    oldest, newest = framework.wanted("oldest"), framework.wanted("newest")
    assert {bound.replace(">=", "==") for bound in bounds} <= {*oldest}
    assert all("==" in each for each in oldest)
    assert {*bounds, "pytest"} <= {*newest}
    assert f"pytest=={PINS['pytest']}" in oldest
    assert sum(each.startswith("anyio==") for each in oldest) == 1
