"""A timeline is drawn from the run of this build, told in words too, and vouched for."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from proofread._figure import Scale, Strip, described, dump, figure, load, svg, timed, written
from proofread._receipts import load as load_receipts
from proofread._site import judge
from proofread._stamp import stamp

STRIPS = [
    Strip('GET /?a="1"&b=<2>', "request -> response", True, "request", False, ((0.0, 4.2),)),
    Strip("tries", '"a" -> "b"', True, "printed", True, ((6.0, 310.0), (400.4, 512.0))),
    Strip("done", '"c"', False, "printed", False, ((512.0, 512.0),)),
]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(strips: list[Strip] = STRIPS) -> Element:
    return ElementTree.fromstring(svg(strips, name="home-1"))


def test_the_drawing_is_well_formed_and_named_and_told_for_those_who_do_not_see_it() -> None:
    root = drawn()
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "home-1-title home-1-desc"
    [title], [desc] = root.iterfind(f"{SVG}title"), root.iterfind(f"{SVG}desc")
    assert (title.get("id"), desc.get("id")) == ("home-1-title", "home-1-desc")
    assert title.text == 'What happened when: GET /?a="1"&b=<2>, tries, done'
    assert desc.text == described(STRIPS)
    assert desc.text == (
        'GET /?a="1"&b=<2>: 0 to 4 ms; tries: 6 to 310, 400 to 512 ms; done: at 512 ms.'
    )


def test_it_has_no_script_and_no_colour_of_its_own() -> None:
    for element in drawn().iter():
        assert str(element.tag).removeprefix(SVG) in {
            "svg", "title", "desc", "g", "text", "line", "rect", "circle",
        }  # fmt: skip
        names = {str(name) for name in element.attrib}
        assert not {name for name in names if name.startswith("on")}
        assert not {"style", "fill", "stroke", "href"} & names


def test_rows_stand_in_their_order_and_bars_at_their_time() -> None:
    root = drawn()
    assert [text.text for text in root.iterfind(f"{SVG}g/{SVG}text[@class='label']")] == [
        strip.label for strip in STRIPS
    ]
    assert [g.get("class") for g in root.iterfind(f"{SVG}g")] == ["request", "printed", "printed"]
    bars = [*root.iterfind(f".//{SVG}rect")]
    assert [bar.get("x") for bar in bars] == ["0.00%", "1.17%", "78.20%"]
    assert [bar.get("width") for bar in bars] == ["0.82%", "59.38%", "21.80%"]
    assert [int(bar.get("y", "")) for bar in bars] == sorted(int(bar.get("y", "")) for bar in bars)
    [point] = root.iterfind(f".//{SVG}circle")
    assert point.get("cx") == "100.00%"


@pytest.mark.parametrize(
    ("end", "ticks"),
    [
        (0.0, [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]),
        (4.2, [0, 1, 2, 3, 4]),
        (250.0, [0, 50, 100, 150, 200, 250]),
        (271.0, [0, 100, 200]),
        (844.0, [0, 200, 400, 600, 800]),
        (2010.0, [0, 500, 1000, 1500, 2000]),
        (90_000.0, [0, 20_000, 40_000, 60_000, 80_000]),
    ],
)
def test_the_axis_has_a_few_round_ticks(end: float, ticks: list[float]) -> None:
    assert Scale(end).ticks == pytest.approx(ticks)


@pytest.mark.parametrize(
    "end", [0.0, 1.03, 4.2, 59.9, 99.9, 250.0, 271.0, 999.0, 1000.0, 1004.0, 1999.0, 2010.0, 59e3]
)
def test_labels_of_the_axis_keep_clear_of_each_other_on_a_phone(end: float) -> None:
    """A screen of 320 pixels leaves 250 to a figure; a digit is 8 wide, and other signs less."""
    strip = Strip("a", '"b"', False, "printed", False, ((end, end),))
    free = 0.0
    for label in drawn([strip]).iterfind(f"{SVG}text[@class='time']"):
        at = 2.5 * float(label.get("x", "").removesuffix("%"))
        width = 8 * len(label.text or "")
        left = at - {"start": 0, "middle": width / 2, "end": width}[label.get("text-anchor", "")]
        assert left >= free
        free = left + width + 2


def test_a_bar_that_took_no_time_is_seen() -> None:
    strips = [
        Strip("a", "request -> response", True, "request", False, ((0.0, 0.0),)),
        Strip("b", '"c" -> "d"', True, "printed", False, ((0.0, 800.0),)),
    ]
    first, second = drawn(strips).iterfind(f".//{SVG}rect")
    assert (first.get("width"), second.get("width")) == ("0.10%", "100.00%")


@pytest.mark.parametrize(
    ("spans", "whole", "said"),
    [
        (((0.0, 4.23),), 12.0, "0.0 to 4.2 ms"),
        (((0.0, 4.23),), 512.0, "0 to 4 ms"),
        (((4.23, 2010.4),), 2010.4, "4 ms to 2.01 s"),
        (((1000.0, 1500.0), (1600.0, 2010.4)), 2010.4, "1.00 to 1.50, 1.60 to 2.01 s"),
    ],
)
def test_a_time_is_as_precise_as_the_figure_is_long(
    spans: tuple[tuple[float, float], ...], whole: float, said: str
) -> None:
    assert timed(Strip("a", '"b" -> "c"', True, "printed", False, spans), whole) == said


def test_a_receipt_keeps_all_of_it() -> None:
    assert load(dump(STRIPS)) == STRIPS


def test_labels_and_captions_are_escaped_in_the_page() -> None:
    html = figure(STRIPS, name="n", caption="a < b")
    assert "GET /?a=&quot;1&quot;&amp;b=&lt;2&gt;</text>" in html
    assert html.endswith("<figcaption>a &lt; b</figcaption></figure>")


# In a site

CONFIG = """\
site_name: Tiny
theme: {name: material, font: false}
markdown_extensions:
  - md_in_html
  - pymdownx.highlight: {pygments_lang_class: true}
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""
PAGE = """\
# Say

=== "A"

    ```python title="words.py"
    words = ["one", "two"]
    ```

=== "B"

    ```python title="words.py"
    words = ["one", "two"]
    ```

```python
from words import words

for word in words:
    print(word)
```

```text title="Output"
one
two
```

- In a list:

    ```timeline
    first    "one"

    second   "two"
    ```

=== "A"

    ```json
    [0]
    ```

=== "B"

    ```json
    [1]
    ```

=== "C"

    ```json
    [2]
    ```
"""
INDEX = "say/index.html"
COMMAND = [sys.executable, "-m", "proofread", "test"]
FIGURE = re.compile(r'<figure class="timeline">.*?</figure>', re.DOTALL)


def prove(root: Path) -> None:
    ended = subprocess.run(COMMAND, cwd=root, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def refused(root: Path) -> str:
    """What the gate says, where it does not let the site through."""
    with contextlib.chdir(root), contextlib.redirect_stdout(io.StringIO()) as said:
        return said.getvalue() if judge() else ""


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny")
    (root / "docs").mkdir()
    (root / "docs" / "say.md").write_text(PAGE, encoding="utf-8")
    (root / "docs" / "index.md").write_text("# Tiny\n\nIt [says](say.md).\n", encoding="utf-8")
    ledger = '# Proof\n\n<div data-proofread="ledger"></div>\n'
    (root / "docs" / "proof.md").write_text(ledger, encoding="utf-8")
    (root / "pyproject.toml").touch()
    (root / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    prove(root)
    return root


@pytest.fixture
def page(proven: Path) -> Iterator[Path]:
    """The built page, to alter; it is put back."""
    file = proven / "site" / INDEX
    before = file.read_text(encoding="utf-8")
    yield file
    file.write_text(before, encoding="utf-8")


def altered(proven: Path, page: Path, old: str, new: str) -> str:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    return refused(proven)


def test_a_figure_stands_where_its_block_stood_and_says_whose_run_it_shows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    [drawing] = FIGURE.findall(text)
    assert "language-timeline" not in text
    assert "Drawn from the run in the tab A; all 3 have this order." in drawing
    between = text[text.rindex("Output") : text.index("language-json")]
    assert drawing in between
    assert re.search(r'</figure><a class="proof-mark" id="proof-say-[^>]*>✓ matched</a>', between)


def test_a_site_that_is_stamped_again_stays_as_it_is(proven: Path, page: Path) -> None:
    before = page.read_text(encoding="utf-8")
    receipts = load_receipts(proven / "build" / "receipts.json", made_by="")
    assert stamp(proven / "site", receipts, docs=proven / "docs") == []
    assert page.read_text(encoding="utf-8") == before


def test_the_ledger_lists_it(proven: Path) -> None:
    text = (proven / "site" / "proof" / "index.html").read_text(encoding="utf-8")
    assert "<td>timeline</td>" in text
    assert "timeline 1" in text


def test_its_markdown_has_the_times_of_the_same_run(proven: Path, page: Path) -> None:
    text = (proven / "site" / "say.md").read_text(encoding="utf-8")
    shown = re.findall(r'text-anchor="end">(at [^<]*)<', page.read_text(encoding="utf-8"))
    first, second = shown
    lines = ["```timeline", f'first    "one"   {first}', "", f'second   "two"   {second}', "```"]
    assert "\n".join(f"    {line}".rstrip() for line in lines) in text
    assert refused(proven) == ""
    other = text.replace(f'"two"   {second}', '"two"   at 99.9 ms')
    (proven / "site" / "say.md").write_text(other, encoding="utf-8")
    said = refused(proven)
    (proven / "site" / "say.md").write_text(text, encoding="utf-8")
    assert "site/say.md:29: nothing vouches for this code." in said


def test_a_page_that_is_not_run_again_keeps_its_figure(proven: Path, page: Path) -> None:
    before = FIGURE.findall(page.read_text(encoding="utf-8"))
    (proven / "docs" / "index.md").write_text("# Tinier\n\nIt [says](say.md).\n", encoding="utf-8")
    prove(proven)
    assert FIGURE.findall(page.read_text(encoding="utf-8")) == before
    assert refused(proven) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(">first<", ">f1rst<", id="label"),
        pytest.param('cx="0.00%"', 'cx="1.00%"', id="place"),
        pytest.param("the tab A", "the tab B", id="caption"),
        pytest.param("</desc>", "</desc><script></script>", id="script"),
        pytest.param('class="printed"', 'class="printed" onclick="x"', id="attribute"),
    ],
)
def test_one_altered_byte_of_a_figure_is_refused(
    proven: Path, page: Path, old: str, new: str
) -> None:
    drawing = FIGURE.findall(page.read_text(encoding="utf-8"))[0]
    said = altered(proven, page, drawing, drawing.replace(old, new, 1))
    assert "docs/say.md:" in said
    assert "nothing vouches for this" in said
    assert "This timeline block of say.md has a receipt, but" in said


def test_a_figure_of_another_run_is_refused(proven: Path, page: Path) -> None:
    another = figure(STRIPS, name="home-1")
    said = altered(proven, page, "</article>", f"{another}</article>")
    assert "nothing vouches for this" in said


def test_a_figure_that_vanished_is_missed(proven: Path, page: Path) -> None:
    drawing = FIGURE.findall(page.read_text(encoding="utf-8"))[0]
    assert "This timeline block of say.md has a receipt, but" in altered(proven, page, drawing, "")


@pytest.mark.parametrize("svg", ["<svg><text>4 ms</text></svg>", '<svg role="img"></svg>'])
def test_a_drawing_that_no_run_has_made_is_refused(proven: Path, page: Path, svg: str) -> None:
    said = altered(proven, page, "</article>", f"{svg}</article>")
    assert "a drawing that no run has made: write a timeline." in said


def test_a_fence_that_no_figure_has_replaced_is_refused(proven: Path, page: Path) -> None:
    fence = '<div class="language-timeline highlight"><pre><code>first "one"\n</code></pre></div>'
    drawing = FIGURE.findall(page.read_text(encoding="utf-8"))[0]
    said = altered(proven, page, drawing, fence)
    assert "a timeline without its figure: no run of this build has drawn it." in said


def test_the_written_form_keeps_what_each_row_is_about() -> None:
    assert written(STRIPS).splitlines() == [
        'GET /?a="1"&b=<2>   request -> response   0 to 4 ms',
        "",
        'tries               "a" -> "b"            6 to 310, 400 to 512 ms',
        'done                "c"                   at 512 ms',
    ]
