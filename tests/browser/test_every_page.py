"""What holds on every page of the site."""

from __future__ import annotations

import pytest
from tests.browser.visits import Seen

pytestmark = pytest.mark.anyio


async def test_no_page_complains(seen: Seen) -> None:
    assert seen.pages
    assert not seen.complaints, "\n".join(seen.complaints)


async def test_no_page_asks_another_host(seen: Seen) -> None:
    assert not seen.foreign, "\n".join(seen.foreign)


async def test_no_page_is_wider_than_the_window(seen: Seen) -> None:
    assert not seen.overflows, "\n".join(seen.overflows)


async def test_each_tab_switches_all_sets_that_have_it(seen: Seen) -> None:
    assert seen.clicks
    assert not seen.tabs, "\n".join(seen.tabs)


async def test_the_next_page_remembers_the_tab(seen: Seen) -> None:
    assert seen.remembered
    assert not seen.memory, "\n".join(seen.memory)


async def test_a_copy_is_what_was_proven_without_prompts_and_output(seen: Seen) -> None:
    assert seen.blocks
    assert not seen.copies, "\n".join(seen.copies)
