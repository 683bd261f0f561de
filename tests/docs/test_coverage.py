"""Every row of the coverage leads to a block that is there and proven, or says what is open."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from tests.published import blocks, page, rows
from tests.published.check import ROOT, Proven, objections, read_receipts
from tests.published.rows import Malformed, Row
from tests.published.site import BuiltSite

DOCS = ROOT / "docs" / "explanation"
EVERY = [row for section in rows.all_rows().values() for row in section.values()]
COUNTS = {"R": 20, "V": 14, "F": 15, "W": 7, "FE": 36, "BH": 18, "NU": 30, "CT": 13, "WU": 24,
          "PF": 9, "PT": 15, "EX": 4, "OB": 13, "EP": 36, "BP": 20, "CX": 20, "NA": 9}  # fmt: skip
"""How many rows of each kind the published pages give."""
BLOCK = 'print("one")\n'
TINY = f"""
<article>
<h1 id="tiny">Tiny</h1><p>It prints.</p>
<h2 id="first">First</h2><pre><code>{BLOCK}</code></pre>
<h3 id="within">Within</h3><table><tr><td>told once</td></tr></table>
<h2 id="second">Second</h2><pre><code>print("three")\n</code></pre>
</article>
"""


def test_every_row_is_there_once() -> None:
    names = [row.id for row in EVERY]
    assert names == [f"{kind}{n:02}" for kind, count in COUNTS.items() for n in range(1, count + 1)]


def test_every_place_is_on_the_site(built_site: Path) -> None:
    assert [*objections(EVERY, BuiltSite(built_site))] == []
    print(page.count(EVERY))


def test_the_pages_show_what_the_data_say() -> None:
    assert page.SHOWN.read_text() == page.shown(), "nox -s published -- --keep"


def test_the_pages_show_all_of_it() -> None:
    named = re.findall(r"\[start:([\w-]+)\]", page.SHOWN.read_text())
    texts = [(DOCS / name).read_text() for name in ("coverage.md", "why-this-site-exists.md")]
    included = Counter(re.findall(r'"shown\.md:([\w-]+)"', "".join(texts)))
    assert included == Counter(named)


def test_only_what_is_about_the_form_of_a_page_is_shown_by_its_prose() -> None:
    assert {row.id[:2] for row in EVERY for place in row.shown if place.kind == "prose"} == {"NA"}


def test_what_was_found_is_told_of_each_of_the_51_blocks() -> None:
    found = blocks.all_found()
    assert len(found) == 51
    assert found.keys() <= {row.id for row in EVERY}
    assert all(one.result.endswith(".") and "|" not in one.result for one in found.values())


def test_a_block_that_does_right_works_and_one_that_is_gone_does_not() -> None:
    for name, one in blocks.all_found().items():
        for gate in ("context", "repaired"):
            assert f"{gate}-right" not in one.passes or gate in one.passes, name
        assert "context" not in one.passes or "repaired" in one.passes, name
        assert ("gone" in one.passes) == ("repaired" not in one.passes | one.half), name


@pytest.fixture
def tiny(tmp_path: Path) -> BuiltSite:
    (tmp_path / "tiny.html").write_text(TINY)
    return BuiltSite(tmp_path)


def row(tmp_path: Path, toml: str) -> Row:
    file = tmp_path / "rows.toml"
    file.write_text(f"[A01]\n{toml}\n")
    return rows.read(file)["A01"]


def shown_at(tmp_path: Path, place: str) -> list[Row]:
    return [row(tmp_path, f"topic = 'a print'\nshown = ['{place}']")]


@pytest.mark.parametrize(
    "place",
    ["tiny#tiny | print(", "tiny#first | one", "tiny#second | three", "tiny#tiny | prose: prints"],
)
def test_a_place_that_is_there_is_found(place: str, tiny: BuiltSite, tmp_path: Path) -> None:
    assert [*objections(shown_at(tmp_path, place), tiny)] == []


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("gone#first | one", "A01: gone is not there"),
        ("tiny#third | one", "A01: tiny has no section #third"),
        ("tiny#first | three", "A01: tiny#first has no block with 'three'"),
        ("tiny#second | one", "A01: tiny#second has no block with 'one'"),
        ("tiny#first | prose: one", "A01: tiny#first has no sentence with 'one'"),
        (
            "tiny#within | table: told once",
            "A01: tiny#within has no row of a run with 'told once'",
        ),
    ],
)
def test_a_place_that_is_not_there_is_named(
    place: str, said: str, tiny: BuiltSite, tmp_path: Path
) -> None:
    assert [*objections(shown_at(tmp_path, place), tiny)] == [said]


def receipts(tmp_path: Path, *entries: tuple[str, str]) -> Proven:
    """By the status of each run of the first block."""
    file = tmp_path / "receipts.json"
    total = sha256(BLOCK.encode()).hexdigest()
    told = [{"page": name, "sha256": total, "status": status} for name, status in entries]
    file.write_text(json.dumps({"entries": told}))
    return read_receipts(file)


def test_a_block_that_passed_in_each_tab_is_proven(tiny: BuiltSite, tmp_path: Path) -> None:
    proven = receipts(tmp_path, ("tiny.md", "passed"), ("tiny.md", "passed"))
    assert [*objections(shown_at(tmp_path, "tiny#first | one"), tiny, proven)] == []


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [("tiny.md", "failed")],
        [("tiny.md", "unproven")],
        [("other.md", "passed")],
        [("tiny.md", "passed"), ("tiny.md", "failed")],
    ],
)
def test_a_block_that_no_run_vouches_for_is_named(
    entries: list[tuple[str, str]], tiny: BuiltSite, tmp_path: Path
) -> None:
    proven = receipts(tmp_path, *entries)
    [said] = objections(shown_at(tmp_path, "tiny#first | one"), tiny, proven)
    assert said == "A01: tiny#first has a block with 'one', and no run that vouches for it"


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("shown = ['tiny#first | one']", "1 rows, and each is shown."),
        ("open = 'two'", "1 rows: 0 are shown, 0 in part, and 1 are open. *Open* says"),
        ("shown = ['tiny#first | one']\nopen = 'two'", "1 rows: 0 are shown, 1 in part, and 0"),
    ],
)
def test_the_count_says_what_is_open(toml: str, said: str, tmp_path: Path) -> None:
    assert page.count([row(tmp_path, f"topic = 'a print'\n{toml}")]).startswith(said)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("topic = 'a print'", "A01 has no place that shows it"),
        ("shown = ['tiny#first | one']", "A01 needs a topic"),
        ("topic = 'one | two'\nopen = 'all'", "without |"),
        ("topic = 'a print'\nshown = ['tiny | one']", "write 'page#anchor | text'"),
        ("topic = 'a print'\nshow = 'tiny'", r"A01 has \['show'\]"),
    ],
)
def test_a_row_that_says_nothing_is_refused(toml: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=said):
        row(tmp_path, toml)
