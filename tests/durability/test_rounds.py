"""Producers and workers that are killed at any moment lose nothing that was confirmed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.durability.rounds import Rounds, Verdict

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_confirmed_runs_and_nothing_runs_in_two_places(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path, seed=random.randrange(2**32))
    try:
        rounds.play(8)
        rounds.end()
    finally:
        rounds.stop()
    verdict, letters = rounds.verdict(), rounds.dead_letters()
    assert verdict.confirmed > 20
    assert verdict.lost == []
    assert verdict.doubled == []
    assert rounds.left() == 0
    assert letters == {"poison-5": 5}
    assert "locked" not in (tmp_path / "log.txt").read_text()


def test_the_ledger_shows_what_is_lost_and_what_runs_in_two_places() -> None:
    lines = [
        "1.0 confirmed a 1",
        "1.0 confirmed b 1",
        "1.0 confirmed c 1",
        "2.0 begins a 10",
        "3.0 begins a 11",
        "4.0 ends a 11",
        "4.0 begins c 12",
        "5.0 begins c 13",
        "6.0 ends c 13",
    ]
    verdict = Verdict(lines, {12: 4.5})
    assert verdict.lost == ["b"]
    assert verdict.doubled == ["a"]
    assert (verdict.confirmed, verdict.repeated) == (3, 2)
