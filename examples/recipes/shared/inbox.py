import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


def letters(count: int) -> list[EmailMessage]:
    """Wait until so many have come."""
    while len(files := sorted(Path("inbox").glob("*.eml"))) < count:
        time.sleep(0.02)
    parsed = (message_from_bytes(f.read_bytes(), policy=policy.default) for f in files)
    return list(parsed)
