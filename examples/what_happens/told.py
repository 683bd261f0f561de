"""How an app says what it does, so that the scenario knows when it did it."""

import time


def tell(what: str) -> None:
    """Print it with the time, which is the same in all processes of a machine."""
    print(f"told {time.monotonic():.6f} {what}", flush=True)
