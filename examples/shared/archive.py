from pathlib import Path

from doors import go_through

OUTBOX, DIARY = Path("outbox.txt"), Path("diary.txt")


def build_report(month: int) -> str:
    note(DIARY, f"begins with month {month}")
    go_through("archive")
    if not 1 <= month <= 12:
        raise LookupError(f"there is no month {month}")
    note(DIARY, f"is done with month {month}")
    return f"sales of month {month}"


def send_report(email: str, report: str) -> None:
    go_through("mail")
    note(OUTBOX, f"{email}: {report}")


def note(file: Path, line: str) -> None:
    with file.open("a") as lines:
        lines.write(f"{line}\n")
