"""The pages of engines show what their checks found, and nothing that was written by hand."""

from __future__ import annotations

import pytest
from tests.conformance import promised_page as promised
from tests.releases.suite import PINS, ROOT

pytestmark = pytest.mark.parametrize("name", promised.TITLES)


def test_a_page_shows_what_was_kept_of_its_engine(name: str) -> None:
    page = ROOT / "docs" / "guides" / f"hand-tasks-to-{name}.md"
    shown = promised.shown_in(name)
    assert shown.read_text() == promised.shown(name, promised.kept()[name])
    assert page.read_text().count(f'--8<-- "{shown.name}"') == 1


def test_what_was_kept_is_of_the_pinned_release(name: str) -> None:
    assert promised.kept()[name]["version"] == PINS[name]


def test_with_what_its_page_sets_an_engine_keeps_every_promise(name: str) -> None:
    # The check itself is test_engine's, and test_asyncio_engines'.
    assert promised.kept()[name].get("set", {}) == {}


def test_what_an_engine_cannot_do_it_refuses_unless_it_is_left_as_it_comes(name: str) -> None:
    ways = promised.COLUMNS[name].keys() - {"plain"}
    said = [text for way in ways for text in promised.kept()[name][way].values()]
    assert all(text.startswith("NotDispatchable: ") for text in said)
