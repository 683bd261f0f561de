"""How an app in several processes says what it does, when two may say it at a time."""

import sys
import time


def tell(what: str) -> None:
    """Print it with the time, in one write, so that no other line gets into it."""
    sys.stdout.write(f"told {time.monotonic():.6f} {what}\n")
    sys.stdout.flush()
