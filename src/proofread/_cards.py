"""What a link to a page looks like where it is shared: an image with the page's title.

Only a site that knows its address has any: such a link must be whole.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from html import escape
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageDraw, ImageFont

from proofread._gate import html_file
from proofread._settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proofread._config import Site
    from proofread._model import Page

FOLDER = "cards"
SIZES = range(76, 31, -4)
"""Pixels: the first at which the title fits into its box."""
LEADING = 1.18
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
MARKUP = re.compile(r"[*`]|\[([^\]]*)\]\([^)]*\)")
DRAWN_BY = b"1"
"""Another number, and no image from before is taken again."""


@dataclass(frozen=True, slots=False)
class Card:
    """How titles are drawn: `[tool.proofread.card]`."""

    image: Path
    """What they are drawn on."""
    font: Path
    weight: int
    """Of a font that has several."""
    color: str
    box: tuple[int, int, int, int]
    """Left, top, right and bottom of the place for the title."""

    @cached_property
    def about(self) -> bytes:
        """All that decides how a title looks."""
        return b" ".join(
            [
                DRAWN_BY,
                self.image.read_bytes(),
                self.font.read_bytes(),
                f"{self.weight} {self.color} {self.box}".encode(),
            ]
        )

    @cached_property
    def _fonts(self) -> dict[int, ImageFont.FreeTypeFont]:
        fonts = {size: ImageFont.truetype(str(self.font), size) for size in SIZES}
        for font in fonts.values():
            font.set_variation_by_axes([self.weight])
        return fonts

    @cached_property
    def _ground(self) -> Image.Image:
        return Image.open(self.image).convert("RGB")

    def drawn(self, title: str) -> bytes:
        """The PNG of a title."""
        left, top, right, bottom = self.box
        font, lines = self._fitting(title, right - left, bottom - top)
        card = self._ground.copy()
        pen = ImageDraw.Draw(card)
        for number, line in enumerate(lines):
            pen.text((left, top + number * font.size * LEADING), line, self.color, font)
        made = BytesIO()
        card.save(made, "PNG")
        return made.getvalue()

    def _fitting(
        self, title: str, width: int, height: int
    ) -> tuple[ImageFont.FreeTypeFont, list[str]]:
        for font in self._fonts.values():
            lines = _wrapped(title, font, width)
            if len(lines) * font.size * LEADING <= height:
                return font, lines
        smallest = self._fonts[SIZES[-1]]
        fit = int(height / (smallest.size * LEADING))
        *whole, last = _wrapped(title, smallest, width)[:fit]
        return smallest, [*whole, f"{last.rpartition(' ')[0]} …"]


def _wrapped(title: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def read_card(root: Path, told: Mapping[str, Any]) -> Card:
    """The card of a project's settings."""
    wanted = {"image": str, "font": str, "weight": int, "color": str, "box": list}
    if told.keys() != wanted.keys() or not all(isinstance(told[k], v) for k, v in wanted.items()):
        raise ConfigError(
            f"[tool.proofread.card] = {dict(told)!r}: write `image` and `font`, two paths, a number"
            " as `weight`, `color`, such as '#000000', and `box`: [left, top, right, bottom]."
        )
    for name in ("image", "font"):
        if not (root / told[name]).is_file():
            raise ConfigError(
                f"[tool.proofread.card] {name} = {told[name]!r}: there is no such file."
            )
    box = cast("tuple[int, int, int, int]", tuple(told["box"]))
    return Card(root / told["image"], root / told["font"], told["weight"], told["color"], box)


def write_cards(draft: Path, site: Site, pages: Sequence[Page]) -> None:
    """A card for each page that has a title, and in its HTML what leads to it."""
    address = site.mkdocs.site_url
    if not (site.settings.card and address):
        return
    card = read_card(site.root, site.settings.card)
    kept = site.root / "build" / FOLDER
    kept.mkdir(parents=True, exist_ok=True)
    for page in pages:
        found = TITLE.search(page.text)
        if found is None:
            continue
        title = MARKUP.sub(lambda markup: markup[1] or "", found[1])
        name = f"{FOLDER}/{PurePosixPath(page.name).with_suffix('.png')}"
        file = _kept(card, title, kept)
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        built = html_file(page.name, use_directory_urls=site.directory_urls)
        _lead(draft / built, title, page=f"{address}{built}", card=f"{address}{name}")


def _kept(card: Card, title: str, kept: Path) -> Path:
    """The file with a card, which is drawn only once."""
    file = kept / f"{hashlib.sha256(card.about + title.encode()).hexdigest()}.png"
    if not file.is_file():
        file.write_bytes(card.drawn(title))
    return file


def _lead(html: Path, title: str, *, page: str, card: str) -> None:
    told = {"og:type": "website", "og:title": title, "og:url": page, "og:image": card}
    tags = [f'<meta property="{name}" content="{escape(said)}">' for name, said in told.items()]
    tags.append('<meta name="twitter:card" content="summary_large_image">')
    before, end, after = html.read_text(encoding="utf-8").partition("</head>")
    html.write_text("".join([before, *tags, end, after]), encoding="utf-8")
