import os
import time
from pathlib import Path

from postlude import task


def note(line: str) -> None:
    with Path(os.environ.get("LEDGER", "ledger.txt")).open("a") as ledger:
        print(line, file=ledger)


@task(name="shop.send_receipt")
def send_receipt(order: str) -> None:
    note(f"{order} begun")
    if order in ("bad", "retried"):
        raise ValueError("no such address")
    time.sleep(0.6)
    note(f"{order} done")
