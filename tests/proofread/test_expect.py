"""What fits, and what can no longer come to fit."""

from __future__ import annotations

import pytest

from proofread._expect import diverged


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
