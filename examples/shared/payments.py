import logging

import bank
import httpx
from postlude import RetryPolicy

logging.getLogger("httpx").setLevel(logging.WARNING)  # no line for each request


class BankBusy(Exception):
    pass


class CardRefused(Exception):
    pass


def charge(card: str, order: str) -> None:
    key = {"Idempotency-Key": order}
    answer = httpx.post(bank.url, content=card, headers=key, timeout=5)
    if answer.status_code >= 500:
        raise BankBusy(f"the bank answered {answer.status_code}")
    if answer.is_error:
        raise CardRefused(f"the bank answered {answer.status_code}")
    print(f"charged order {order}")


later = RetryPolicy(
    max_retries=3,
    initial_delay=0.05,
    retry_on=(httpx.TransportError, BankBusy),
)
