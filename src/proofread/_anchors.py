"""A hook of MkDocs: links may lead to a tab.

A tab gets its anchor after MkDocs has looked for anchors, so that it would warn of links to one.
"""

from __future__ import annotations

import re
from typing import Any

TAB = re.compile(r'<input [^>]*\bid="([^"]+)"')


def on_page_content(html: str, *, page: Any, **_: object) -> None:
    """Tell MkDocs of the tabs of a page."""
    page.present_anchor_ids = {*page.present_anchor_ids, *TAB.findall(html)}
