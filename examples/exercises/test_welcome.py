from pathlib import Path

import httpx
from doors import closed, wait_until
from welcome import AUDIT, OUTBOX


def times(line: str, file: Path) -> int:
    return file.read_text().splitlines().count(line) if file.exists() else 0


def wait_for(line: str, file: Path) -> None:
    wait_until(lambda: times(line, file))


def register(shop: httpx.Client, email: str) -> None:
    answer = shop.post("/register", json={"email": email})
    assert answer.status_code == 201
    assert answer.json() == {"registered": email}


def test_the_answer_waits_for_no_mail(shop: httpx.Client) -> None:
    with closed("mail"):
        register(shop, "ada@example.com")
        assert times("welcome, ada@example.com", OUTBOX) == 0
    wait_for("welcome, ada@example.com", OUTBOX)


def test_everybody_gets_one_mail_and_one_audit_entry(shop: httpx.Client) -> None:
    people = ["bob@example.com", "cleo@example.com"]
    for email in people:
        register(shop, email)
    for email in people:
        wait_for(f"welcome, {email}", OUTBOX)
        wait_for(f"registered {email}", AUDIT)
    assert [times(f"welcome, {email}", OUTBOX) for email in people] == [1, 1]
    assert [times(f"registered {email}", AUDIT) for email in people] == [1, 1]


def test_a_mail_that_fails_costs_no_audit_entry(shop: httpx.Client) -> None:
    register(shop, "dora")
    wait_for("registered dora", AUDIT)
    assert times("welcome, dora", OUTBOX) == 0
