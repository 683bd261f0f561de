import os
import time
from pathlib import Path

from postlude import task

LEDGER = Path(os.environ.get("LEDGER", "ledger.txt"))


def note(line: str) -> None:
    with LEDGER.open("a") as ledger:
        print(line, file=ledger)


@task(name="shop.send_receipt")
def send_receipt(order: str) -> None:
    note(f"{order} begun")
    if order in ("bad", "retried"):
        raise ValueError("no such address")
    time.sleep(0.6)
    note(f"{order} done")
