from itertools import pairwise
from pathlib import Path

import httpx
from doors import closed, wait_until
from warehouse import visits


def place(shop: httpx.Client, number: str) -> None:
    answer = shop.post("/orders", json={"number": number})
    assert answer.status_code == 202


def times(line: str) -> int:
    return Path("server.log").read_text().splitlines().count(line)


def waits(number: str) -> list[float]:
    return [after - before for before, after in pairwise(visits(number))]


def test_the_answer_waits_for_no_attempt(shop: httpx.Client) -> None:
    with closed("warehouse"):
        place(shop, "A-0")
        assert visits("A-0") == []
    wait_until(lambda: times("order A-0: booked"))
    assert len(visits("A-0")) == 1


def test_the_third_attempt_succeeds(shop: httpx.Client) -> None:
    place(shop, "A-2")
    wait_until(lambda: times("order A-2: booked"))
    assert len(visits("A-2")) == 3
    assert min(waits("A-2")) >= 0.1


def test_after_the_third_it_is_given_up(shop: httpx.Client) -> None:
    place(shop, "A-3")
    wait_until(lambda: times("order A-3: given up, attempts: 3"))
    assert len(visits("A-3")) == 3
    assert min(waits("A-3")) >= 0.1
    assert times("order A-3: booked") == 0


def test_what_cannot_succeed_is_tried_once(shop: httpx.Client) -> None:
    place(shop, "X-1")
    wait_until(lambda: times("order X-1: given up, attempts: 1"))
    assert len(visits("X-1")) == 1
