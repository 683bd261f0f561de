"""When a request is sent: after all that the page's log shows above it, as its reader would."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from proofread._model import Block

STARTS = re.compile(r"^\$ (?:uvicorn|granian) ", re.MULTILINE)


def shown_above(blocks: Sequence[Block], at: int, request: str) -> str:
    """What the next `Server log` shows above the line of the request that block `at` sends.

    Sent at once, it could overtake what the request before it still does after its response.
    """
    log = next(itertools.dropwhile(lambda block: not _ends(block), blocks[at + 1 :]), None)
    if log is None or log.language != "text":
        return ""
    before = itertools.takewhile(lambda block: not _ends(block), reversed(blocks[:at]))
    same = sum(block.text.partition("\n")[0].strip() == request for block in before)
    lines = log.text.rstrip("\n").split("\n")
    own = [number for number, line in enumerate(lines) if f'"{request}"' in line]
    return "\n".join(lines[: own[same]]) if same < len(own) else ""


def _ends(block: Block) -> bool:
    """Whether the log is looked at here, or begins anew."""
    if block.language == "text":
        return block.title == "Server log"
    return block.language == "console" and bool(STARTS.search(block.text))
