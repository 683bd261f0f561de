"""A slip changes one thing of a definition, and is called by what it changes."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from proofread._declared import declared, field
from proofread._done import done, is_empty
from proofread._slip import Function, Slip, definition, distinct, first_line, spliced

MODULE = '''\
from typing import overload


@overload
def add(a: int) -> int: ...


@overload
def add(a: str) -> str: ...


def kept(function):
    return function


@kept
@kept
def add(a):  # of numbers
    """Add."""
    return a


class Box:
    """Holds something."""

    size: int = 3

    def put(self, thing):
        return thing


if True:

    class Late:
        def put(self, thing):
            return thing
'''
DECLARED = """
def order(a, b, /, c, d=2, e=0.5, *, name="x", timeout: float | None = None, loud=False, key=()):
    return a, b, c, d, e, name, timeout, loud, key
"""
DONE = """
log = []


async def note(word):
    log.append(word)


async def work(items, limit):
    if len(items) > limit:
        raise ValueError("too many")
    for item in items:
        await note(item)
    log.append("one")
    log.append("two")
    for number in reversed(range(limit + 1)):
        log.append(number)
"""


def function(source: str, name: str) -> Function:
    found = definition(ast.parse(source), [name])
    assert isinstance(found, Function)
    return found


def changed(source: str, name: str, slips: Iterator[Slip]) -> dict[str, dict[str, Any]]:
    """By what was changed, the names of the module as it is then."""
    before = function(source, name)
    known: dict[str, dict[str, Any]] = {}
    for slip in slips:
        known[slip.what] = {}
        exec(spliced(source, before, slip.changed), known[slip.what])
    return known


@pytest.fixture(scope="module")
def orders() -> dict[str, Callable[..., Any]]:
    slips = declared(function(DECLARED, "order"))
    return {what: names["order"] for what, names in changed(DECLARED, "order", slips).items()}


@pytest.fixture(scope="module")
def works() -> dict[str, dict[str, Any]]:
    return changed(DONE, "work", done(function(DONE, "work")))


def logged(names: dict[str, Any], *arguments: object) -> list[object]:
    log: list[object] = names["log"]
    log.clear()
    asyncio.run(names["work"](*arguments))
    return [*log]


def test_of_several_definitions_the_one_counts_that_python_takes() -> None:
    add = definition(ast.parse(MODULE), ["add"])
    assert isinstance(add, Function)
    assert ast.get_docstring(add) == "Add."
    assert first_line(add) == add.lineno - 2 == 16


def test_a_definition_is_found_in_its_class_and_beneath_a_condition() -> None:
    tree = ast.parse(MODULE)
    found = [definition(tree, names) for names in (["Box", "put"], ["Late", "put"], ["Late"])]
    assert [node and node.lineno for node in found] == [28, 35, 34]
    assert definition(tree, ["Box", "absent"]) is None
    assert definition(tree, ["add", "put"]) is None


def test_what_stands_around_a_changed_definition_stays() -> None:
    before = definition(ast.parse(MODULE), ["Box", "put"])
    after = definition(ast.parse("def put(self):\n    return 1"), ["put"])
    assert before is not None
    assert after is not None
    was = "    def put(self, thing):\n        return thing\n\n\nif"
    assert MODULE.count(was) == 1
    text = MODULE.replace(was, "    def put(self):\n        return 1\n\n\nif")
    assert spliced(MODULE, before, after) == text


def test_two_that_read_alike_have_names_of_their_own() -> None:
    slip = Slip("order", "a and b swapped", function(DONE, "work"))
    names = [one.what for one in distinct([slip, slip, slip])]
    assert names == ["a and b swapped", "a and b swapped (2)", "a and b swapped (3)"]


def test_each_parameter_is_changed_as_its_callers_may_pass_it(
    orders: dict[str, Callable[..., Any]],
) -> None:
    assert [*orders] == [
        "a dropped", "b dropped", "c dropped",
        "d dropped", "d ignored", "e dropped", "e ignored",
        "name renamed", "name ignored", "timeout renamed", "timeout ignored",
        "loud renamed", "loud ignored", "key renamed", "key ignored",
        "a and b swapped", "d and e swapped",
        "default of d 2 -> 3", "default of e 0.5 -> 1.0", "default of name 'x' -> 'xx'",
        "default of timeout None -> 0", "default of loud False -> True",
    ]  # fmt: skip


def test_a_parameter_that_is_renamed_is_unknown_by_its_name(
    orders: dict[str, Callable[..., Any]],
) -> None:
    order = orders["timeout renamed"]
    assert order(1, 2, 3)[6] is None
    assert order(1, 2, 3, timeout_=4)[6] == 4
    with pytest.raises(TypeError, match="unexpected keyword argument 'timeout'"):
        order(1, 2, 3, timeout=4)


def test_a_parameter_that_is_dropped_is_one_too_many(
    orders: dict[str, Callable[..., Any]],
) -> None:
    assert orders["a dropped"](1, 2)[:3] == (None, 1, 2)
    assert orders["d dropped"](1, 2, 3, 4)[3:5] == (2, 4)
    with pytest.raises(TypeError, match="takes from"):
        orders["d dropped"](1, 2, 3, 4, 5)


def test_a_parameter_that_is_ignored_may_be_passed(orders: dict[str, Callable[..., Any]]) -> None:
    assert orders["timeout ignored"](1, 2, 3, timeout=4)[6] is None
    assert orders["d ignored"](1, 2, 3, 4)[3] == 2


def test_two_parameters_in_each_others_place_keep_their_defaults(
    orders: dict[str, Callable[..., Any]],
) -> None:
    assert orders["a and b swapped"](1, 2, 3)[:3] == (2, 1, 3)
    swapped = orders["d and e swapped"]
    assert swapped(1, 2, 3)[3:5] == (2, 0.5)
    assert swapped(1, 2, 3, 4)[3:5] == (2, 4)


def test_a_default_is_another_where_nothing_is_passed(
    orders: dict[str, Callable[..., Any]],
) -> None:
    assert orders["default of d 2 -> 3"](1, 2, 3)[3] == 3
    assert orders["default of timeout None -> 0"](1, 2, 3)[6] == 0
    assert orders["default of loud False -> True"](1, 2, 3)[7] is True
    assert orders["default of loud False -> True"](1, 2, 3, loud=False)[7] is False


def test_the_default_of_a_field_is_another() -> None:
    size = definition(ast.parse(MODULE), ["Box", "size"])
    assert isinstance(size, ast.AnnAssign)
    (slip,) = field(size)
    assert slip.what == "default of size 3 -> 4"
    assert "    size: int = 4\n" in spliced(MODULE, size, slip.changed)


def test_each_statement_slips_in_its_own_way(works: dict[str, dict[str, Any]]) -> None:
    assert set(works) == {
        "> -> >= in `len(items) > limit`",
        "raise ValueError swallowed",
        "items gone through backwards",
        "await note(item) forgotten",
        "log.append('one') and log.append('two') swapped",
        "reversed(range(limit + 1)) kept in order",
        "1 -> 2 in `limit + 1`",
    }


def test_what_slips_is_done_otherwise_and_the_rest_as_before(
    works: dict[str, dict[str, Any]],
) -> None:
    end = ["one", "two", 1, 0]
    assert logged(works["items gone through backwards"], ["a"], 1) == ["a", *end]
    two = ["one", "two", 2, 1, 0]
    assert logged(works["items gone through backwards"], ["a", "b"], 2) == ["b", "a", *two]
    assert logged(works["raise ValueError swallowed"], ["a", "b"], 1) == ["a", "b", *end]
    swapped = works["log.append('one') and log.append('two') swapped"]
    assert logged(swapped, [], 0) == ["two", "one", 0]
    assert logged(works["1 -> 2 in `limit + 1`"], [], 0) == ["one", "two", 1, 0]
    assert logged(works["reversed(range(limit + 1)) kept in order"], [], 1)[2:] == [0, 1]
    with pytest.raises(ValueError, match="too many"):
        logged(works["> -> >= in `len(items) > limit`"], ["a"], 1)


@pytest.mark.filterwarnings("ignore:coroutine 'note' was never awaited")
def test_what_is_not_awaited_is_not_done(works: dict[str, dict[str, Any]]) -> None:
    assert logged(works["await note(item) forgotten"], ["a"], 1) == ["one", "two", 1, 0]


def test_a_slip_knows_the_lines_that_lead_to_it() -> None:
    lines = {slip.what: slip.lines for slip in done(function(DONE, "work"))}
    assert lines["> -> >= in `len(items) > limit`"] == range(10, 11)
    assert lines["raise ValueError swallowed"] == range(11, 12)
    assert lines["await note(item) forgotten"] == range(13, 14)


def test_what_only_says_what_others_do_does_not_slip() -> None:
    said = 'def submit(self, task):\n    """Take it."""\n    ...\n'
    raised = "def submit(self, task):\n    raise NotImplementedError\n"
    assert is_empty(function(said, "submit"))
    assert is_empty(function(raised, "submit"))
    assert [*done(function(raised, "submit"))] == []
    assert not is_empty(function("def submit(self, task):\n    return task\n", "submit"))
