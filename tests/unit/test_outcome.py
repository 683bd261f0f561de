"""Outcomes are values of a closed set."""

from __future__ import annotations

import typing

import postlude
import pytest
from postlude import Cancelled, Failed, Outcome, Succeeded, TimedOut

COMMON = {"task_id": "1", "name": "n", "attempts": 1, "duration": 0.5}


def test_the_set_is_closed_and_public() -> None:
    assert set(typing.get_args(Outcome)) == {Succeeded, Failed, TimedOut, Cancelled}
    assert all(hasattr(postlude, cls.__name__) for cls in typing.get_args(Outcome))


@pytest.mark.parametrize("cls", typing.get_args(Outcome))
def test_each_has_the_common_facts_and_cannot_be_changed(cls: typing.Any) -> None:
    own = {"Succeeded": "value", "Failed": "error", "TimedOut": "timeout", "Cancelled": "reason"}
    outcome = cls(**COMMON, **{own[cls.__name__]: "x"})
    assert outcome == cls(**COMMON, **{own[cls.__name__]: "x"})
    assert (outcome.task_id, outcome.name, outcome.attempts, outcome.duration) == ("1", "n", 1, 0.5)
    with pytest.raises(AttributeError):
        outcome.name = "other"
