"""What fits, and what can no longer come to fit."""

from __future__ import annotations

import pytest

from proofread._expect import diverged, matches


@pytest.mark.parametrize(
    ("expected", "began", "hopeless"),
    [
        ("one\ntwo", "", False),
        ("one\ntwo", "one\n", False),
        ("one\ntwo", "one\ntwo\n", False),
        ("one\ntwo", "two\n", True),
        ("one\ntwo", "one\ntwo\nthree\n", True),
        ("port ...\ntwo", "port 8000\n", False),
        ("port ...\ntwo", "sport 8000\n", True),
        ("...\ntwo", "anything\nat all\n", False),
    ],
)
def test_a_log_is_waited_for_only_as_long_as_it_can_still_fit(
    expected: str, began: str, *, hopeless: bool
) -> None:
    assert diverged(expected, began) is hopeless


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ("one", "one\n", True),
        ("one", "one\ntwo\n", False),
        ("one\n...\nend", "one\nend\n", True),
        ("one\n...\nend", "one\ntwo\nend\nend\n", True),
        ("one\n...\nend", "one\nend\ntwo\n", False),
        ("...\nb\n...\nd", "a\nb\nc\nb\nd\n", True),
        ("took ... s", "took 0.1 s\n", True),
        ("took ... s", "took s\n", False),
        ("aa...aa", "aaa\n", False),
        ("(id ...) failed ... s", "(id 7) failed after 1 s\n", True),
        ("(id ...) failed ... s", "(id 7) passed after 1 s\n", False),
        ("...", "", True),
        ("one", "", False),
    ],
)
def test_dots_stand_for_any_text_in_a_line_and_for_any_lines(
    expected: str, actual: str, *, fits: bool
) -> None:
    assert matches(expected, actual) is fits


def test_many_dots_and_many_lines_take_no_time() -> None:
    page = "\n".join(["...", "x ... y ... z"] * 20)
    assert not matches(page, "x y\n" * 3000)
