"""The figures of a calculation are those that its page has drawn."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "how-it-grows.md"
FIGURES = ROOT / "docs" / "assets" / "growth"
MODELS = ROOT / "examples" / "growth"
SVG = "{http://www.w3.org/2000/svg}"


def test_the_site_has_the_files_that_the_page_has_drawn() -> None:
    drawn = dict(re.findall(r"^([\w-]+\.svg) ([0-9a-f]{16})$", PAGE.read_text(), re.MULTILINE))
    files = {path.name: sha256(path.read_bytes()).hexdigest()[:16] for path in FIGURES.iterdir()}
    assert files == drawn
    assert len(files) == 8


def test_the_page_shows_each_of_them_once_and_in_words() -> None:
    shown = re.findall(
        r"!\[([^\]]+)\]\(\.\./assets/growth/(\w+-(\w+)\.svg)#only-(\w+)\)", PAGE.read_text()
    )
    assert sorted(name for _, name, _, _ in shown) == sorted(
        path.name for path in FIGURES.iterdir()
    )
    assert all(scheme == only and len(words) > 40 for words, _, scheme, only in shown)


@pytest.mark.parametrize("path", sorted(FIGURES.iterdir()), ids=lambda path: path.name)
def test_a_figure_is_named_and_described_and_runs_and_loads_nothing(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert root.findtext(f"{SVG}title")
    assert len(root.findtext(f"{SVG}desc") or "") > 40
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "text", "path", "polyline"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not any("href" in name or name.startswith("on") for name in names)
    assert path.read_text().count("http") == 1  # the namespace


def test_the_waits_are_those_of_the_formula() -> None:
    code = "import waiting; print(*[rows for row in waiting.rows() for rows in row[:3]])"
    printed = subprocess.check_output([sys.executable, "-c", code], cwd=MODELS, text=True)
    numbers = [float(number) for number in printed.split()]
    for busy, depth, mean in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        assert depth == pytest.approx(expected_depth(busy), rel=0.35, abs=0.05)
        assert mean == pytest.approx(depth / (busy * 4 / 0.1))


def expected_depth(busy: float, workers: int = 4) -> float:
    """What Erlang found in 1917 for tasks that come and last at random."""
    load, term, below = busy * workers, 1.0, 0.0
    for number in range(workers):
        below += term
        term *= load / (number + 1)
    waiting = term / (1 - busy)
    return waiting / (below + waiting) * busy / (1 - busy)


def test_the_same_seed_gives_the_same_numbers_everywhere() -> None:
    assert f"{random.Random(7).expovariate(50):.12f}" == "0.007826296885"
