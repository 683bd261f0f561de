"""A `pycon` block: what is typed at the prompt, and what would make its answers prove nothing."""

from __future__ import annotations

import codeop
import re
from collections.abc import Iterator

from proofread._model import Block, Problem

PROMPT = "\ufdd1"
TYPED = re.compile(r"(>>>|\.\.\.)( |$)")


def code_of(text: str) -> str:
    """The Python of a block, or what is typed at the prompt of a session."""
    if not text.startswith(">>> "):
        return text
    return "\n".join(line[4:] for line in text.splitlines() if TYPED.match(line))


def typed(text: str) -> str:
    """A session in which the `...` of a prompt is no wildcard: see `shown`."""
    lines: list[str] = []
    code, goes_on = "", False
    for line in text.split("\n"):
        is_typed = line.startswith(">>>") or (goes_on and line.startswith("..."))
        if is_typed:
            code = f"{code}\n{line[4:]}" if goes_on and line.startswith("...") else line[4:]
        goes_on = is_typed and _open_ended(code)
        lines.append(line.replace("...", PROMPT) if is_typed else line)
    return "\n".join(lines)


def shown(text: str) -> str:
    """As it stands on a page."""
    return text.replace(PROMPT, "...")


def unproving(block: Block) -> Iterator[Problem]:
    """A skipped example, a prompt that types something else, an answer that accepts anything."""
    if "+SKIP" in block.text:
        yield Problem(block.path, block.line, "No example can be skipped: delete +SKIP.")
    typed = answer = ""
    open_ended = False
    for row, line in enumerate([*block.text.rstrip("\n").split("\n"), ">>>"], 1):
        goes_on = open_ended and line.startswith("...")
        if not goes_on and not line.startswith(">>>"):
            open_ended = False
            answer += line
            continue
        if not TYPED.match(line):
            said = f"{line!r} types {line[4:]!r}: write a space behind the prompt."
            yield Problem(block.path, block.at(row), said)
            return
        if answer and not answer.replace("...", "").strip():
            said = "Only `...` for an answer expects nothing. Show a line of it."
            yield Problem(block.path, block.at(row - 1), said)
        typed, answer = f"{typed}\n{line[4:]}" if goes_on else line[4:], ""
        open_ended = _open_ended(typed)


def _open_ended(typed: str) -> bool:
    try:
        return codeop.compile_command(typed) is None
    except (SyntaxError, ValueError, OverflowError):
        return False  # the interpreter answers it
