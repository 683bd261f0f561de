"""A Markdown extension: links may lead to a tab, and are checked as those to headings are.

A tab gets its anchor after MkDocs has looked for anchors, which would warn of each link to one.
"""

from __future__ import annotations

from typing import Any

from markdown import Extension, Markdown

AFTER_HEADINGS = 5
"""The priority at which headings get their anchors, and at which MkDocs looks, in this order."""


class TabAnchors(Extension):
    """Give the tabs of `pymdownx.tabbed`, which stands above it in mkdocs.yml, theirs between."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Move what makes them."""
        md.treeprocessors.register(md.treeprocessors["tab_slugs"], "tab_slugs", AFTER_HEADINGS)


def makeExtension(**options: Any) -> TabAnchors:  # noqa: N802
    """Called by Python-Markdown."""
    return TabAnchors(**options)
