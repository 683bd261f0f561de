"""Which blocks are run together: a page once per choice of tabs."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from proofread._model import Block, Page, TabPath
from proofread._roles import GENERATED

Choice = dict[tuple[str, ...], str]
"""For each set of labels, the tab that the reader has picked."""


@dataclass(frozen=True, slots=True)
class Story:
    """What one reader of a page sees: the blocks outside tabs, and those in the tabs picked."""

    page: Page
    variant: str
    blocks: tuple[Block, ...]
    given: tuple[Block, ...] = ()
    """Blocks of earlier sections, whose files are there from the start."""

    @property
    def name(self) -> str:
        return f"{self.page.name}[{self.variant}]" if self.variant else self.page.name

    def sections(self) -> list[Story]:
        """One story a section: it finds the files shown above it, and nothing that ran there."""
        told: list[Story] = []
        given: tuple[Block, ...] = self.given
        for _, group in itertools.groupby(self.blocks, key=lambda block: block.section):
            blocks = tuple(group)
            told.append(Story(self.page, self.variant, blocks, given))
            given += tuple(block for block in blocks if block.title and block.language != "text")
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


def stories(page: Page) -> list[Story]:
    """As few stories as show every block of the page at least once."""
    choices = _choices(page)
    told = [Story(page, _name(choice), tuple(_seen(page, choice))) for choice in choices]
    return [story for story in told if story.blocks]


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
        if block.language != GENERATED and _fits(choice, block.tabs):
            yield block


def _name(choice: Choice) -> str:
    return ", ".join(choice.values())
