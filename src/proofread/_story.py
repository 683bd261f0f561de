"""Which blocks are run together: a page once per choice of tabs."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Set
from dataclasses import dataclass

from proofread._brokers import starts_any
from proofread._common import common_sections
from proofread._model import Block, Page, TabPath
from proofread._roles import runs

Choice = dict[tuple[str, ...], str]
"""For each set of labels, the tab that the reader has picked."""


@dataclass(frozen=True, slots=True)
class Story:
    """What one reader of a page sees: the blocks outside tabs, and those in the tabs picked."""

    page: Page
    variant: str
    blocks: tuple[Block, ...]
    given: tuple[Block, ...] = ()
    """Blocks of earlier sections, whose files and brokers are there from the start."""
    shown: tuple[Block, ...] = ()
    """All that the reader sees, where that is more than is told here."""

    @property
    def name(self) -> str:
        return f"{self.page.name}[{self.variant}]" if self.variant else self.page.name

    def sections(self) -> list[Story]:
        """One story a section: it finds the files shown above it, and nothing that ran there."""
        told: list[Story] = []
        given: tuple[Block, ...] = self.given
        own = {block.section for block in self.blocks}
        shown = self.shown or self.blocks
        for number, group in itertools.groupby(shown, key=lambda block: block.section):
            blocks = tuple(group)
            if number in own:
                told.append(Story(self.page, self.variant, blocks, given))
            given += tuple(block for block in blocks if _is_found_below(block))
        return told

    def upto(self, line: int) -> Story | None:
        """The section of a line, ended with the block there and what is expected of it."""
        for section in self.sections():
            for number, block in enumerate(section.blocks):
                if block.path == self.page.path and block.line <= line <= block.end_line:
                    end = number + 1
                    while end < len(section.blocks) and section.blocks[end].language == "text":
                        end += 1
                    return dataclasses.replace(section, blocks=section.blocks[:end])
        return None


def _is_found_below(block: Block) -> bool:
    if block.language == "console":
        return starts_any(block.text)
    return bool(block.title) and block.language != "text"


def stories(page: Page) -> list[Story]:
    """As few stories as show every block of the page at least once.

    What is the same in every tab is a story of its own, told once.
    """
    choices = _choices(page)
    same = common_sections(page) if len(choices) > 1 else frozenset[int]()
    told = [_without(same, page, _name(choice), tuple(_seen(page, choice))) for choice in choices]
    if same:
        outside = tuple(block for block in _seen(page, {}) if not block.tabs)
        rest = {block.section for block in outside} - same
        told.append(_without(rest, page, "", outside))
    return [story for story in told if story.blocks]


def _without(sections: Set[int], page: Page, variant: str, shown: tuple[Block, ...]) -> Story:
    blocks = tuple(block for block in shown if block.section not in sections)
    return Story(page, variant, blocks, shown=shown)


def _choices(page: Page) -> list[Choice]:
    choices: list[Choice] = []
    for path in dict.fromkeys(block.tabs for block in page.blocks):
        wanted = dict(path)
        if any(_fits(choice, path) for choice in choices):
            continue
        free = next((choice for choice in choices if _agree(choice, wanted)), None)
        if free is None:
            choices.append(wanted)
        else:
            free.update(wanted)
    sets = list(dict.fromkeys(labels for block in page.blocks for labels, _ in block.tabs))
    return [{labels: _pick(labels, choice) for labels in sets} for choice in choices]


def _agree(one: Choice, other: Choice) -> bool:
    """Whether one reader can have picked both: a label that is picked is picked in every set."""
    return all(
        mine == theirs or (mine not in their_set and theirs not in my_set)
        for my_set, mine in one.items()
        for their_set, theirs in other.items()
    )


def _pick(labels: tuple[str, ...], choice: Choice) -> str:
    """What a set shows: the tab chosen here, or one chosen in another set, or its first."""
    if labels in choice:
        return choice[labels]
    return next((label for label in choice.values() if label in labels), labels[0])


def _fits(choice: Choice, path: TabPath) -> bool:
    return all(choice.get(labels) == label for labels, label in path)


def _seen(page: Page, choice: Choice) -> Iterator[Block]:
    for block in page.blocks:
        if runs(block) and _fits(choice, block.tabs):
            yield block


def _name(choice: Choice) -> str:
    # A comma within a label is no end of it.
    return ", ".join(label.replace(", ", ",") for label in choice.values())
