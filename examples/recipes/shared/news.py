import logging
import time

from letters import send_email
from postlude import current_tasks

log = logging.getLogger("shop.news")
PAUSE = 0.1  # seconds


def send_to_all(readers: list[str], subject: str, body: str) -> None:
    failed = 0
    for reader in readers:
        try:
            send_email(reader, subject, body)
        except OSError as error:  # all that smtplib raises is one
            failed += 1
            log.error("%s did not get %r: %s", reader, subject, error)
        time.sleep(PAUSE)
    print(f"{subject!r} is out: {len(readers) - failed} sent, {failed} failed")


def send_newsletter(readers: list[str], subject: str, body: str) -> dict[str, str]:
    current_tasks().add_task(send_to_all, readers, subject, body)
    return {"message": f"{len(readers)} readers will get {subject!r}"}
