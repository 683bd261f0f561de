"""Where the blocks of a built file stand, whatever stands above the first of them."""

from __future__ import annotations

import pytest

from proofread._scan import scan

BLOCK = '<div class="language-python highlight"><pre><span></span><code>1\n</code></pre></div>'
ABOVE = {
    "nothing": "",
    "a menu": "<nav>\n<ul><li><a href='a'>pre</a>\n</ul></nav>\n",
    "an end tag too many": "</div>\n",
    "a comment with a block": f"<!-- {BLOCK}\n-->\n",
    "a script with a block": f"<script>\nconst html = '{BLOCK.replace('</', '<')}'\n</script>\n",
    "a title with a tag": "<title>Why &lt;pre> and <pre> differ</title>\n",
    "a style": "<style>.highlight { color: red }</style>\n",
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_what_stands_above_moves_no_block(above: str) -> None:
    seen = scan(f"<html><body>\n{above}{BLOCK}\n<p>below</p></body></html>")
    [block] = seen.blocks
    assert seen.html[block.start : block.end] == BLOCK
    assert seen.html[: block.behind].endswith("</code></pre>")
    assert (block.text, seen.html[block.told - 1 : block.told + 1]) == ("1\n", '">')


def test_a_page_without_code_has_no_blocks() -> None:
    seen = scan("<html><body><p>Prose.</p></body></html>")
    assert (seen.blocks, seen.marks, seen.ledgers) == ([], [], [])
