import json
from datetime import datetime
from pathlib import Path

FILE = Path("audit.jsonl")


def write(at: datetime, order: str, event: str) -> None:
    with FILE.open("a") as file:
        print(json.dumps([at.isoformat(), order, event]), file=file)


def events(order: str) -> list[str]:
    lines = [json.loads(line) for line in FILE.read_text().splitlines()]
    return [event for _, number, event in lines if number == order]
