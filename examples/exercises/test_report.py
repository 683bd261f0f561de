from pathlib import Path

import httpx
from archive import DIARY, OUTBOX
from doors import closed, wait_until


def order(shop: httpx.Client, month: int, email: str = "ada@example.com") -> str:
    answer = shop.post("/reports", json={"month": month, "email": email})
    assert answer.status_code == 202
    return str(answer.json()["job"])


def status(shop: httpx.Client, job: str) -> str:
    answer = shop.get(f"/reports/{job}")
    assert answer.status_code == 200
    return str(answer.json()["status"])


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def test_a_job_is_queued_then_running_then_done(shop: httpx.Client) -> None:
    with closed("archive"):
        march, april = order(shop, 3), order(shop, 4)
        wait_until(lambda: status(shop, march) == "running")
        assert status(shop, april) == "queued"
    wait_until(lambda: status(shop, april) == "done")
    assert status(shop, march) == "done"
    wait_until(lambda: "ada@example.com: sales of month 4" in lines(OUTBOX))
    assert [line for line in lines(DIARY) if line[-1] in "34"] == [
        "begins with month 3",
        "is done with month 3",
        "begins with month 4",
        "is done with month 4",
    ]


def test_the_mail_follows_when_the_job_is_done(shop: httpx.Client) -> None:
    mail = "bob@example.com: sales of month 5"
    with closed("mail"):
        job = order(shop, 5, "bob@example.com")
        wait_until(lambda: status(shop, job) == "done")
        assert mail not in lines(OUTBOX)
    wait_until(lambda: mail in lines(OUTBOX))
    assert lines(OUTBOX).count(mail) == 1


def test_a_report_that_fails_is_not_mailed(shop: httpx.Client) -> None:
    failing, next_one = order(shop, 13), order(shop, 6, "cleo@example.com")
    wait_until(lambda: "cleo@example.com: sales of month 6" in lines(OUTBOX))
    assert status(shop, failing) == "failed"
    assert status(shop, next_one) == "done"
    assert not [line for line in lines(OUTBOX) if "13" in line]


def test_a_job_that_nobody_knows_is_a_404(shop: httpx.Client) -> None:
    assert shop.get("/reports/made-up").status_code == 404
    assert shop.get(f"/reports/{order(shop, 7)}").status_code == 200
