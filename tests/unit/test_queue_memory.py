"""The lines of a queue give out what a sorted list would, whoever asks for which types."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postlude import BackgroundTask, TaskQueue
from postlude.queue._item import Item
from postlude.queue._memory import SLACK, Backlog


def item(kind: str, priority: int) -> Item:
    return Item(TASK, QUEUE, kind, priority)


TASK = BackgroundTask(print)
TASK.used = True
QUEUE = TaskQueue()
KINDS = st.sampled_from("abc")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), KINDS, st.integers(-2, 2)),
        st.tuples(st.just("take"), st.one_of(st.none(), st.frozensets(KINDS, min_size=1))),
        st.tuples(st.just("remove"), st.integers(0, 1000)),
    ),
    max_size=300,
)


@settings(deadline=None)
@given(STEPS)
def test_it_gives_out_what_a_sorted_list_would(steps: list[Any]) -> None:
    backlog, model = Backlog(), list[Item]()
    for name, *details in steps:
        if name == "push":
            new = item(*details)
            backlog.push(new)
            model.append(new)
        elif name == "take":
            (kinds,) = details
            fitting = [one for one in model if kinds is None or one.kind in kinds]
            expected = min(fitting, key=lambda one: (-one.priority, one.number), default=None)
            assert backlog.first(kinds) is expected
            assert backlog.take(kinds) is expected
            if expected is not None:
                assert not expected.waiting
                model.remove(expected)
        elif model:
            gone = model.pop(details[0] % len(model))
            backlog.remove(gone)
        assert backlog.size == len(model)
    assert sorted(one.number for one in backlog) == [one.number for one in model]


@pytest.mark.parametrize("asked", [False, True])
def test_what_is_left_when_most_are_gone_keeps_its_order(asked: bool) -> None:
    backlog = Backlog()
    items = [item("abc"[number % 3], number % 2) for number in range(5 * SLACK)]
    for each in items:
        backlog.push(each)
    if asked:  # from then on there are lines for each type
        assert backlog.first("a") is items[3]
    left = [each for each in items if each.number % 5 == 0]
    for each in items:
        if each not in left:
            backlog.remove(each)
    left.sort(key=lambda each: (-each.priority, each.number))
    assert list(backlog) == left
    of_one_kind = [each for each in left if each.kind == "b"]
    rest = [each for each in left if each.kind != "b"]
    assert [backlog.take("b") for _ in of_one_kind] == of_one_kind
    assert [backlog.take(None) for _ in rest] == rest
    assert backlog.size == 0


def test_what_has_left_is_forgotten() -> None:
    backlog = Backlog()
    kinds = frozenset("a")
    for _ in range(10 * SLACK):
        backlog.push(item("a", 0))
        assert backlog.take(kinds) is not None
    backlog.push(item("a", 0))
    lines: Any = (backlog._all, *(backlog._by_kind or {}).values())  # pyright: ignore[reportPrivateUsage]
    for line in lines:
        assert sum(len(level) for level in line._levels.values()) <= 2 * SLACK
