"""What counts as a figure in prose, where it stands, and what shows it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from proofread._bare import bare, may_tell
from proofread._facts import Facts
from proofread._figures import figures
from proofread._model import Block
from proofread._prose import prose, said


def found(text: str) -> list[tuple[str, str, float]]:
    told = figures(said(prose(text.split("\n"))), frozenset({"starlette"}))
    return [(one.kind, " ".join(one.text.split()), one.value) for one in told]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("30 s", "duration", 30), ("0.2 ms", "duration", 2e-4), ("5ms", "duration", 5e-3),
        ("thirty seconds", "duration", 30), ("twenty-five minutes", "duration", 1500),
        ("a hundred and", None, 0), ("a hundred days", "duration", 8_640_000),
        ("half a minute", "duration", 30), ("a quarter of an hour", "duration", 900),
        ("a second and a half", "duration", 1.5), ("two and a half hours", "duration", 9000),
        ("a two-second call", "duration", 2), ("**five**\n  minutes", "duration", 300),
        ("[5](x.md) ms", "duration", 5e-3), ("5&nbsp;ms", "duration", 5e-3),
        ("20 calls a second", "rate", 20), ("ten a minute", "rate", 1 / 6),
        ("1,200 requests/s", "rate", 1200), ("two per hour", "rate", 2 / 3600),
        ("5 kB", "size", 5000), ("2 KiB", "size", 2048), ("a dozen bytes", "size", 12),
        ("40 %", "share", 0.4), ("ten per cent", "share", 0.1),
        ("8.5 \N{MULTIPLICATION SIGN}", "ratio", 8.5), ("3x", "ratio", 3),
        ("three times", "ratio", 3), ("twice as fast", "ratio", 2), ("0.775 of it", "ratio", 0.775),
        ("1.2.3", "version", 0), ("Starlette 0.19", "version", 0), ("Python 3.11", "version", 0),
        ("12 by default", "default", 12), ("the default is forty", "default", 40),
        ("an hour by default", "duration", 3600),
    ],
)  # fmt: skip
def test_a_figure_is_found(text: str, kind: str | None, value: float) -> None:
    told = found(f"It is {text}, they say.")
    assert [one[0] for one in told] == ([kind] if kind else [])
    assert all(math.isclose(one[2], value) for one in told)


@pytest.mark.parametrize(
    "text",
    [
        "a 202", "row 7 of S10", "at 10:30 on 5 May 2026", "run twice, once more", "in a second",
        "an hour later", "`timeout=5` seconds", "127.0.0.1", "one days later", "the second time",
        "https://example.org/5ms", "<!-- 5 ms -->", "five tasks", "{{ shop.WAIT in seconds }}",
        "[text](a-5-ms.md)", '![text](a.svg){ width="5" }', "one that raises a second time",
        "a file of 2026-11-26", "half past two", "::: shop.after_5_ms",
    ],
)  # fmt: skip
def test_what_is_no_figure_is_left_alone(text: str) -> None:
    assert found(text) == []
    assert may_tell(f"It is 5 ms.\n{text}")


def problems(text: str, code: str, *, path: Path = Path("page.md")) -> list[str]:
    block = Block(path, 1, 3, "python", None, code)
    return [message for _, message in
            bare(text.split("\n"), [], path=path, blocks=[block], facts=Facts())]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shows", "hides"),
    [
        ("ten seconds", "sleep(10)", "print(10)"),
        ("ten seconds", "wait(seconds=10)", "wait(minutes=10)"),
        ("ten minutes", "timedelta(minutes=10)", "timedelta(days=10)"),
        ("ten minutes", "timeout=600", "timeout=60"),
        ("half a second", "timeout = 0.5", "timeout = 0.25"),
        ("20 ms", "waits 20 ms", "waits 20 s"),
        ("20 ms", "delay: float = 0.02", "delay: float = 0.2"),
        ("40 %", "above=0.4", "40 of them"),
        ("40 %", "40% failed", "4% failed"),
        ("12 calls a second", "calls = 12", "calls = 120"),
        ("5 kB", "5 kB", "50 kB"),
        ("three times", "attempt 3", "attempt 30"),
        ("1.2.3", "pip install shop==1.2.3", "pip install shop==1.2.30"),
    ],
)
def test_a_block_shows_a_figure_or_does_not(text: str, shows: str, hides: str) -> None:
    assert problems(f"It is {text}.", shows) == []
    [message] = problems(f"It is {text}.", hides)
    assert message.startswith(f"'{text}' is typed by hand, and nothing here shows it.")


def test_a_default_is_the_codes_even_if_a_block_has_the_number() -> None:
    assert problems("It waits for ten seconds.", "sleep(10)") == []
    for text in ("By default it waits for ten seconds.", "| by default | ten seconds | none |"):
        [message] = problems(text, "sleep(10)")
        assert message.startswith("'ten seconds' is typed by hand. A default is the code's: ")


def test_a_docstring_may_say_what_its_module_does(tmp_path: Path) -> None:
    module = tmp_path / "shop.py"
    module.write_text('"""Waits 9 s."""\n\nWAIT = 0.005\n', encoding="utf-8")
    assert problems("It waits for 5 ms by default.", "", path=module) == []
    [message] = problems("It waits for 9 s.", "", path=module)
    assert message.startswith("'9 s' is typed by hand, and nothing here shows it.")


def test_a_figure_is_told_on_its_line() -> None:
    lines = ["First.", "", "It takes five", "minutes."]
    [(line, _)] = bare(lines, [], path=Path("page.md"), blocks=[], facts=Facts())
    assert line == 2
    assert [*bare(lines, [2, 3], path=Path("page.md"), blocks=[], facts=Facts())] == []
