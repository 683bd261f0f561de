"""The prose of a Markdown text, line by line as it stands, without what is code or unseen."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from proofread._facts import REFERENCE
from proofread._figures import SOFT, WALL

HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(
    r"(?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n[ >]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL
)
DIRECTIVE = re.compile(r"^::: .*\n(?:[ \t]+\S.*\n?)*", re.MULTILINE)
TARGET = re.compile(r"(?<=\])(?:\([^()\s]*(?:\s+\"[^\"\n]*\")?\)|\[[^\]\n]*\])")
ADDRESS = re.compile(r"<?\bhttps?://[^\s)>]+>?")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
ATTRIBUTES = re.compile(r"(?<!\{)\{:?[ ]*(?:[.#][\w-]|[\w-]+=)[^{}\n]*\}")
MARKS = re.compile(r"[*_\[\]\\]+(?!\w*_\w)|(?m:^[ \t>]*(?:[-*+>][ \t>]+)+)")


def prose(lines: Sequence[str], hidden: Iterable[int] = ()) -> str:
    """The text line by line, with its references; of the `hidden` lines hardly anything is left."""
    shown = list(lines)
    for number in hidden:
        shown[number] = WALL
    text = "\n".join(shown)
    for pattern in (HIDDEN, CODE, DIRECTIVE, ADDRESS):
        text = pattern.sub(lambda match: WALL + "\n" * match[0].count("\n"), text)
    return text


def said(text: str) -> str:
    """What a reader gets of prose, but for references, which say what somebody else says."""
    text = re.sub(REFERENCE, WALL, text)
    for pattern in (TARGET, TAG, ATTRIBUTES, MARKS):
        text = pattern.sub(lambda match: SOFT + "\n" * match[0].count("\n"), text)
    return html.unescape(text)
