from pathlib import Path

OUTBOX = Path("outbox.txt")


def send_email(to: str, subject: str, body: str) -> None:
    if "@" not in to:
        raise ValueError(f"{to!r} is no address")
    with OUTBOX.open("a") as outbox:
        print(to, subject, body, sep=" | ", file=outbox)
    print(f"sent {subject!r} to {to}")
