from pathlib import Path

from doors import go_through

OUTBOX, AUDIT = Path("outbox.txt"), Path("audit.txt")


def send_welcome(email: str) -> None:
    go_through("mail")
    if "@" not in email:
        raise ValueError(f"{email!r} is no address")
    with OUTBOX.open("a") as outbox:
        outbox.write(f"welcome, {email}\n")


def write_audit(line: str) -> None:
    with AUDIT.open("a") as audit:
        audit.write(f"{line}\n")
