import asyncio
from pathlib import Path

from postlude import RetryPolicy, task


@task(timeout=30)
async def send_invoice(number: int, email: str) -> str:
    print(f"sending invoice {number} to {email}")
    await asyncio.sleep(0.05)  # the mail server
    if not email.endswith("example.com"):
        raise LookupError(f"no mailbox {email}")
    return f"invoice {number} is with {email}"


@task(retry_policy=RetryPolicy(2, initial_delay=0.3, jitter=0.0))
def book(number: int, amount: float) -> str:
    print(f"booking {amount:.2f} for invoice {number}")
    ledger = Path("ledger.txt")
    if not ledger.exists():
        ledger.touch()
        raise FileNotFoundError("the ledger was not open yet")
    ledger.write_text(f"{number} {amount:.2f}\n")
    return f"{number} is booked"
