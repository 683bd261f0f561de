import logging
import os
import sys
import threading
from pathlib import Path

LOG = Path("server.log")


def say_it_to_the_log() -> None:
    log = os.open(LOG, os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["PYTHONUNBUFFERED"] = "1"  # for workers that the server starts
    sys.stdout = sys.stderr = os.fdopen(log, "a", buffering=1)
    logging.basicConfig(stream=sys.stderr, format="%(message)s", force=True)
    logging.captureWarnings(True)
    threading.excepthook = threading.__excepthook__
