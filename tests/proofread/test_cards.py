"""Where a link to a page is shared, an image says what the page is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement
from PIL import Image, ImageChops

from proofread._cards import Card, read_card
from proofread._settings import ConfigError

FONT = Path(__file__).parents[2] / "docs" / "assets" / "fonts" / "inter.woff2"
ADDRESS = "https://tiny.example/v1/"
BOX = (40, 30, 560, 270)
CONFIG = """\
site_name: Tiny
site_url: !ENV [SITE_URL, ""]
use_directory_urls: false
theme: {name: material, font: false}
markdown_extensions: [pymdownx.highlight, pymdownx.superfences, md_in_html]
"""
SETTINGS = f"""\
[tool.proofread]
card.image = "docs/card.png"
card.font = "{FONT}"
card.weight = 700
card.color = "#102030"
card.box = {[*BOX]}
"""
PAGES = {
    "index.md": '# Tiny, *and* `"quoted"`\n\n```python\nprint(1)\n```\n\n'
    '```text title="Output"\n1\n```\n',
    "guides/say.md": "# Say [it](../index.md)\n",
    "bare.md": "Prose.\n",
    "proof.md": '# Proof\n\n<div data-proofread="ledger"></div>\n',
}
LONG = "When does it show that a handler asks for a single task, which nothing at all injects? "


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    Image.new("RGB", (600, 300), "white").save(tmp_path / "docs" / "card.png")
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def run(root: Path, verb: str, address: str = ADDRESS) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "proofread", verb],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SITE_URL": address},
    )
    return ended.returncode, ended.stdout + ended.stderr


def told(root: Path, name: str) -> dict[str, str]:
    """What the head of a page says for those who show a link to it."""
    tree: HtmlElement = lxml.html.document_fromstring((root / "site" / name).read_bytes())
    return {
        tag.attrib["property"]: tag.attrib["content"] for tag in tree.xpath("//meta[@property]")
    }


def test_each_title_has_an_image_to_which_its_page_leads(root: Path) -> None:
    status, said = run(root, "test")
    assert status == 0, said
    assert told(root, "index.html") == {
        "og:type": "website",
        "og:title": 'Tiny, and "quoted"',
        "og:url": f"{ADDRESS}index.html",
        "og:image": f"{ADDRESS}cards/index.png",
    }
    assert told(root, "guides/say.html")["og:title"] == "Say it"
    assert told(root, "bare.html") == {}
    drawn: dict[str, tuple[int, int]] = {}
    for path in (root / "site" / "cards").rglob("*.png"):
        with Image.open(path) as image:
            drawn[path.name] = image.size
    assert drawn == dict.fromkeys(["index.png", "say.png", "proof.png"], (600, 300))
    status, said = run(root, "gate")
    assert status == 0, said


def test_an_image_is_drawn_once(root: Path) -> None:
    run(root, "test")
    kept = {path: path.stat().st_mtime_ns for path in (root / "build" / "cards").iterdir()}
    (root / "docs" / "guides" / "say.md").write_text("# Say more\n", encoding="utf-8")
    status, said = run(root, "test")
    assert status == 0, said
    after = {path: path.stat().st_mtime_ns for path in (root / "build" / "cards").iterdir()}
    assert len(after) == len(kept) + 1
    assert after.items() >= kept.items()


def test_a_site_that_does_not_know_its_address_has_none(root: Path) -> None:
    status, said = run(root, "test", address="")
    assert status == 0, said
    assert not (root / "site" / "cards").exists()
    assert told(root, "index.html") == {}


@pytest.mark.parametrize("title", ["Say", LONG.strip(), LONG * 3])
def test_a_title_stays_in_its_box(root: Path, title: str) -> None:
    card = Card(root / "docs" / "card.png", FONT, 700, "#102030", BOX)
    file = root / "drawn.png"
    file.write_bytes(card.drawn(title))
    with Image.open(file) as drawn, Image.open(root / "docs" / "card.png") as ground:
        changed = ImageChops.difference(drawn.convert("RGB"), ground.convert("RGB")).getbbox()
    assert changed
    left, top, right, bottom = changed
    assert left >= BOX[0]
    assert top >= BOX[1]
    assert right <= BOX[2]
    assert bottom <= BOX[3]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weight": "bold"}, "write `image` and `font`"),
        ({"colour": "#fff"}, "write `image` and `font`"),
        ({"font": "absent.ttf"}, r"font = 'absent\.ttf': there is no such file"),
    ],
)
def test_a_card_that_cannot_be_drawn_is_refused(
    root: Path, wrong: dict[str, object], said: str
) -> None:
    right = {"image": "docs/card.png", "font": str(FONT), "weight": 700, "color": "#102030"}
    with pytest.raises(ConfigError, match=said):
        read_card(root, {**right, "box": [*BOX], **wrong})
